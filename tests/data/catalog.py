"""catalog.py: reads .po and .pot files, as xgettext and msgmerge write them."""

import ast
import dataclasses


@dataclasses.dataclass
class Message:
    msgid: str = ""
    context: str | None = None
    plural: str | None = None
    texts: list[str] = dataclasses.field(default_factory=list)
    comments: list[str] = dataclasses.field(default_factory=list)
    places: list[str] = dataclasses.field(default_factory=list)
    flags: set[str] = dataclasses.field(default_factory=set)

    @property
    def key(self):
        return (self.context, self.msgid)


def parse_block(lines):
    message, fields, name = Message(), {}, None
    for line in lines:
        if line.startswith("#."):
            message.comments.append(line[2:].strip())
        elif line.startswith("#:"):
            message.places += line[2:].split()
        elif line.startswith("#,"):
            message.flags |= {flag.strip() for flag in line[2:].split(",")}
        elif line.startswith('"'):
            fields[name] += ast.literal_eval(line)
        elif not line.startswith("#"):
            name, text = line.split(" ", 1)
            fields[name] = ast.literal_eval(text)
    if "msgid" not in fields:
        return None
    message.msgid, message.context, message.plural = fields["msgid"], fields.get("msgctxt"), fields.get("msgid_plural")
    message.texts = [text for name, text in fields.items() if name.startswith("msgstr")]
    return message


def read(path):
    """The messages of a file, the header first; what is commented out is left out."""
    with open(path, encoding="utf-8") as file:
        blocks = file.read().split("\n\n")
    return [message for block in blocks if (message := parse_block(block.strip("\n").split("\n"))) is not None]
