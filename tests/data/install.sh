#!/bin/bash
# install.sh BUILD: what "meson install" puts anywhere, "ninja uninstall" takes away again.
directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT
status=0

prefix=$(meson introspect "$1" --buildoptions | python3 -c 'import json, sys; print(next(option["value"] for option in json.load(sys.stdin) if option["name"] == "prefix"))')
root=$directory$prefix
DESTDIR=$directory meson install -C "$1" --no-rebuild --quiet || exit 1
for file in bin/posthouse sbin/posthoused share/applications/org.posthouse.Posthouse.desktop share/metainfo/org.posthouse.Posthouse.metainfo.xml \
  share/icons/hicolor/scalable/apps/org.posthouse.Posthouse.svg share/icons/hicolor/symbolic/apps/org.posthouse.Posthouse-symbolic.svg \
  share/glib-2.0/schemas/org.posthouse.Posthouse.gschema.xml share/dbus-1/services/org.posthouse.Posthouse.service \
  share/dbus-1/interfaces/org.posthouse.Posthouse.xml share/systemd/user/posthoused.service share/man/man1/posthouse.1 \
  share/man/man8/posthoused.8 share/man/man5/posthouse.ini.5 share/bash-completion/completions/posthouse share/bash-completion/completions/posthoused \
  share/zsh/site-functions/_posthouse share/zsh/site-functions/_posthoused share/fish/vendor_completions.d/posthouse{,d}.fish; do
  [ -e "$root/$file" ] || { echo "$file is not installed"; status=1; }
done
grep -qx "Exec=$prefix/bin/posthouse --gapplication-service" "$root/share/dbus-1/services/org.posthouse.Posthouse.service" || { echo "the D-Bus service does not start $prefix/bin/posthouse"; status=1; }
grep -qx "ExecStart=$prefix/sbin/posthoused" "$root/share/systemd/user/posthoused.service" || { echo "the user unit does not start $prefix/sbin/posthoused"; status=1; }
[ "$("$root/sbin/posthoused" --version)" = "posthoused $(meson introspect "$1" --projectinfo | python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])')" ] || { echo "posthoused --version"; status=1; }

DESTDIR=$directory ninja -C "$1" uninstall >"$directory/log" || { cat "$directory/log"; exit 1; }
left=$(find "$directory" -type f ! -path "$directory/log" -o -type l)
[ -z "$left" ] || { echo "left behind: $left"; status=1; }
exit $status
