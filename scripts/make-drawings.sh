#!/bin/bash
# Draws docs/images/src/*.dot: make-drawings.sh [FOLDER, docs/images if not given]. Needs Graphviz: scripts/setup-debian.sh docs
#
# A drawing has the colours of the reader's screen, light or dark; its description is the comment at its head, for those who hear it.
set -euo pipefail

folder=${1:-docs/images}
mkdir -p "$folder"
style='<style>text { fill: #1d2126; } path, polygon, ellipse, polyline { stroke: #5b6470; } .edge polygon { fill: #5b6470; }
@media (prefers-color-scheme: dark) { text { fill: #e6e9ed; } path, polygon, ellipse, polyline { stroke: #a5aeb9; } .edge polygon { fill: #a5aeb9; } }</style>'
for source in docs/images/src/*.dot; do
    name=$(basename "$source" .dot)
    description=$(sed -n '1s,^// ,,p' "$source")
    # Graphviz names its version and each part; neither is wanted.
    dot -Tsvg "$source" | awk -v style="$style" -v description="$description" '
        /<!--/ { comment = 1 }
        !comment && !/<title>/ { sub(/ fill="(none|black)" stroke="(black|transparent)"/, " fill=\"none\""); print }
        /-->/ { comment = 0 }
        /^ viewBox=/ { print "<desc>" description "</desc>"; print style }' >"$folder/$name.svg"
done
