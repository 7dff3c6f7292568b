"""V13: more than 300 addresses that are odd, legal or not (RFC 5321 section 4.1.2, RFC 6531 section 3.3), as they stand between the brackets of a path."""

LONG_LOCAL = "l" * 64
LABEL = "d" * 63
ATEXT = "!#$%&'*+-/=?^_`{|}~"

# What each of them is once it has been read: `None` where that is the same.  Where the quotes are needed they stay.
LEGAL = {
    # Local parts: each character that needs no quotes, dots, tags, the longest
    **{f"{c}@odd.test": None for c in ATEXT},
    **{f"a{c}b@odd.test": None for c in ATEXT},
    "a@odd.test": None, "1@odd.test": None, "a.b.c.d.e@odd.test": None, "A@odd.test": None, "MiXed.Case@odd.test": None,
    f"{LONG_LOCAL}@odd.test": None, "postmaster@odd.test": None, "mailer-daemon+x@odd.test": None, "user%elsewhere.test@odd.test": None, "elsewhere.test!user@odd.test": None,
    "a+b+c@odd.test": None, "+@odd.test": "+@odd.test", "a=b=c@odd.test": None, "--@odd.test": None, "=?utf-8?q?a?=@odd.test": None, "{1}@odd.test": None, "nil@odd.test": None, "NIL@odd.test": None,
    # Quotes that are needed
    '" "@odd.test': None, '"a b"@odd.test': None, '"a@b"@odd.test': None, '"a@b@c"@odd.test': None, '"@"@odd.test': None, '"."@odd.test': None, '".a"@odd.test': None, '"a."@odd.test': None, '"a..b"@odd.test': None,
    '"<>"@odd.test': None, '"<a@b>"@odd.test': None, '"(c)"@odd.test': None, '"("@odd.test': None, '")"@odd.test': None, '"a,b"@odd.test': None, '"a;b"@odd.test': None, '"a:b"@odd.test': None, '"[x]"@odd.test': None,
    r'"a\"b"@odd.test': None, r'"\""@odd.test': None, r'"\\"@odd.test': None, r'"a\\b"@odd.test': None, r'"\"\\\""@odd.test': None, '"{1} "@odd.test': None, '" a "@odd.test': None,
    f'"{"q" * 31} {"q" * 32}"@odd.test': None, '"g: a@b;"@odd.test': None, '"=?utf-8?q?a b?="@odd.test': None,
    # Quotes, and quoted pairs, that are not
    '"plain"@odd.test': "plain@odd.test", r'"\p\l\a\i\n2"@odd.test': "plain2@odd.test", '"a.c"@odd.test': "a.c@odd.test", r'"a\ c"@odd.test': '"a c"@odd.test', '"nil2"@odd.test': "nil2@odd.test", r'"\@2"@odd.test': '"@2"@odd.test',
    # Domains
    "a@odd": None, "b@ODD.TEST": "b@odd.test", "a@x.y.z.odd.test": None, "a@1.test": None, "a@1a.test": None, "a@a1.test": None, "a@a-b.test": None, "a@a--b.test": None, "a@under_score.test": None, "a@3com.test": None,
    f"a@{LABEL}.test": None, f"a@{LABEL}.{LABEL}.test": None, "a@xn--bcher-kva.test": None, "a@XN--MLLER-KVA.test": "a@xn--mller-kva.test", "a@1.2.3.4.test": None, "a@0x7f.test": None,
    # Routes (RFC 5321 appendix C): read, and left out
    "@hop.test:c@odd.test": "c@odd.test", "@hop.test,@hop2.test:d@odd.test": "d@odd.test", '@hop.test:"e f"@odd.test': '"e f"@odd.test', "@[192.0.2.1]:g@odd.test": "g@odd.test",
}

# Only with SMTPUTF8.
UTF8 = {
    "ü@odd.test": None, "üser@odd.test": None, "Ü@odd2.test": None, "日本@odd.test": None, "пример@odd.test": None, "عربي@odd.test": None, "עברית@odd.test": None, "हिन्दी@odd.test": None, "😀@odd.test": None,
    '"ü b"@odd.test': None, '"ü"@odd3.test': "ü@odd3.test", "a.ü@odd.test": None, "é@odd.test": None, "e\u0301@odd4.test": None, "ü" * 32 + "@odd.test": None, "ﬁ@odd.test": None, "ß@odd.test": None, "İ@odd.test": None, "\u202ea@odd.test": None,
    "a@bücher.test": "a@xn--bcher-kva.test", "b@BÜCHER.test": "b@xn--bcher-kva.test", "a@日本.test": "a@xn--wgv71a.test", "b@日本。test": "b@xn--wgv71a.test", "ü@bücher.test": "ü@xn--bcher-kva.test", "a@пример.test": "a@xn--e1afmkfd.test",
}

WRONG = [
    # Something is missing
    "", " ", "a", "root", "@", "a@", "@b.test", "@@", "a@@b.test", "@a.test:", "@a.test:@b.test", "@:a@b.test", ":a@b.test", "@a.test,:a@b.test", "@a.test,b@c.test", "@a.test a@b.test", "@a.test;a@b.test", "@.:a@b.test",
    "@a.test,@:c@d.test", ",@a.test:c@d.test", "@a@b.test:c@d.test",
    # Empty local parts, and dots where none may be
    '""@odd.test', '"@odd.test', '"""@odd.test', ".@odd.test", "..@odd.test", ".a@odd.test", "a.@odd.test", "a..b@odd.test", 'a.""@odd.test', '"".a@odd.test',
    # Quotes
    '"a@odd.test', 'a"@odd.test', '"a"b@odd.test', 'a"b"@odd.test', '"a".b@odd.test', 'a."b"@odd.test', '"a""b"@odd.test', '"a" @odd.test', ' "a"@odd.test', '"a"', '"a"@', '"a@odd.test"', "'a b'@odd.test",
    r'"a\"@odd.test', r'"\"@odd.test', '"a\\', r'a\b@odd.test', r'a\@b@odd.test', r'\"a\"@odd.test', r'a\ b@odd.test',
    # What wants quotes
    "a b@odd.test", "a @odd.test", " a@odd.test", "a@ odd.test", "a@odd.test ", "a@odd .test", "a,b@odd.test", "a;b@odd.test", "a:b@odd.test", "a(b@odd.test", "a)b@odd.test", "a[b@odd.test", "a]b@odd.test", "[a]@odd.test",
    "a(c)@odd.test", "(c)a@odd.test", "a@odd.test(c)", "a@(c)odd.test", "()@odd.test",
    # Groups, lists, names: those of a header
    "g:;", "g:a@odd.test;", "undisclosed-recipients:;", "g:g:a@odd.test;;", "a@odd.test,b@odd.test", "a@odd.test;b@odd.test", "a@odd.test b@odd.test", "Ann <a@odd.test", "Ann a@odd.test", "mailto:a@odd.test", "a@odd.test,", ",a@odd.test",
    # Brackets
    "<a@odd.test", "a<b@odd.test", "<>", "<<a@odd.test>", "a@<odd.test",
    # Domains
    "a@odd.test.", "a@.odd.test", "a@odd..test", "a@.", "a@..", "a@-odd.test", "a@odd-.test", "a@odd.-test", "a@odd.test-", "a@odd,test", "a@odd;test", "a@odd:test", "a@odd/test", "a@odd%test", "a@odd!test", "a@odd=test", "a@odd+test",
    "a@odd*test", "a@*", "a@*.test", "a@'odd'.test", 'a@"odd".test', r"a@odd\.test", "a@odd@test", "a@odd#test", "a@odd$test", "a@odd&test", "a@odd~test", "a@odd^test", "a@odd|test", "a@{odd}.test", "a@odd?test", "a@`odd`.test",
    "a@" + "d" * 64 + ".test", "a@" + ".".join(["d" * 60] * 5), "a@" + "d." * 200 + "test", "m" * 65 + "@odd.test", '"' + "m" * 65 + '"@odd.test', "m" * 400 + "@odd.test", "m" * 64 + "@" + ".".join(["d" * 60] * 4),
    # Literals (RFC 5321 section 4.1.3), and numbers that are none
    "a@127.0.0.1", "a@1.2.3", "a@1", "a@0", "a@2130706433", "a@0x7f000001", "a@0177.0.0.1", "a@[]", "a@[", "a@]", "a@[127.0.0.1", "a@127.0.0.1]", "a@[127.0.0.1]x", "a@[127.0.0.1].test", "a@[127.1]", "a@[127.0.0.01]", "a@[256.0.0.1]",
    "a@[1.2.3.4.5]", "a@[-1.2.3.4]", "a@[::1]", "a@[IPv6:]", "a@[IPv6::]:", "a@[IPv6:1.2.3.4]", "a@[IPv6:12345::1]", "a@[IPv6:1:2:3:4:5:6:7:8:9]", "a@[IPv6:1:2:3]", "a@[IPv6:fe80::1%lo]", "a@[IPv6: ::1]", "a@[tag:x]", "a@[odd.test]", "a@[[127.0.0.1]]",
    # Controls, and what is no UTF-8, or none that a name can have
    "a\x01@odd.test", "a\x00@odd.test", "\x7f@odd.test", '"\x01"@odd.test', '"a\tb"@odd.test', "a\t@odd.test", "a@odd\x00.test", "a\x1b[2J@odd.test", "a\rb@odd.test", '"a\rb"@odd.test',
    b"\xff@odd.test", b"\xc3@odd.test", b'"\xc3"@odd.test', b"\xed\xa0\x80@odd.test", b"\xc0\x80@odd.test", b"\xf4\x90\x80\x80@odd.test", b"a@\xff.test", b"a@b\xc3.test", b"\xc3\x28@odd.test",
    "\x85@odd.test", "\u2028@odd.test", "a@odd\uff20test", "a@odd\uff0ftest", "a@\u200b.test", "a@\u202e.test",
]


def encode(address):
    return address if isinstance(address, bytes) else address.encode()


def get_normal(address, table):
    return table[address] or address
