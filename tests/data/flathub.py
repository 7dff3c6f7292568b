#!/usr/bin/python3
"""flathub.py METAINFO MANIFEST: what Flathub asks for beside what appstreamcli checks, and what the sandbox may do."""

import json
import pathlib
import re
import struct
import sys
import xml.etree.ElementTree

metainfo, manifest = sys.argv[1:]
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)


root = xml.etree.ElementTree.parse(metainfo).getroot()
app_id = root.findtext("id")
check(root.findtext("metadata_license") == "CC0-1.0", "a permissive licence of the metadata")
check(len(root.findtext("name")) <= 15 and len(root.findtext("summary")) <= 35 and not root.findtext("summary").endswith("."), "a short name and summary")
check("<!-- Copyright " in pathlib.Path(metainfo).read_text(encoding="utf-8"), "a copyright at the top")
check(root.findtext("translation[@type='gettext']") == "posthouse", "where the translations are, which tells the languages")
check(root.find("developer") is not None and root.find("developer").get("id") and root.findtext("developer/name"), "developer with id and name")
check(root.findtext("launchable") == f"{app_id}.desktop", "launchable")
check(root.find("content_rating").get("type") == "oars-1.1", "OARS 1.1")
check({url.get("type") for url in root.findall("url")} >= {"homepage", "bugtracker", "vcs-browser"}, "addresses of home, bugs and sources")
check(all(url.text.startswith("https://") for url in root.findall("url")), "addresses by https")
colours = {colour.get("scheme_preference"): colour.text for colour in root.findall("branding/color[@type='primary']")}
check(set(colours) == {"light", "dark"} and all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours.values()), "brand colours for light and dark")
screenshots = root.findall("screenshots/screenshot")
check(len(screenshots) >= 3 and screenshots[0].get("type") == "default", "three screenshots, the first of which is the default")
for screenshot in screenshots:
    url = screenshot.findtext("image")
    check(url.startswith("https://"), "pictures by https")
    picture = pathlib.Path(manifest).parent.parent / "data" / "screenshots" / url.rpartition("/")[2]
    check(picture.is_file(), f"{picture.name} in data/screenshots, from where it is published")
    # Its header has width and height after 16 bytes.
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    check(width <= 1000 and height <= 700, f"{picture.name} of at most 1000 × 700")
    caption = screenshot.findtext("caption")
    check(caption and not caption.endswith("."), "captions without a full stop")
releases = root.findall("releases/release")
check(releases and all(release.get("version") and re.fullmatch(r"\d{4}-\d\d-\d\d", release.get("date")) and release.find("description") is not None for release in releases),
      "releases with version, date and description")

settings = json.load(open(manifest))
check(settings["id"] == app_id and settings["runtime"] == "org.gnome.Platform" and settings["sdk"] == "org.gnome.Sdk", "id and runtime")
check(set(settings["finish-args"]) == {"--share=network", "--share=ipc", "--socket=wayland", "--socket=fallback-x11", "--device=dri"}, "no permission but network and display")
for module in settings["modules"]:
    for source in module["sources"]:
        if source["type"] != "dir":
            check(source["url"].startswith("https://") and re.fullmatch("[0-9a-f]{64}", source["sha256"]), f"{module['name']} pinned by checksum")

for what in failures:
    print(f"not as Flathub wants it: {what}")
sys.exit(1 if failures else 0)
