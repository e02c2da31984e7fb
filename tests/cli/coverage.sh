#!/bin/bash
# The table of coverage counts what it is told, and finds the error paths that no test reaches.
. tests/cli/tap.sh

table=$PWD/scripts/coverage-table.py
mkdir -p "$scratch/src/low" "$scratch/docs/internals" "$scratch/build"
cd "$scratch" || exit 1
git init -q . && git -c user.name=t -c user.email=t@localhost commit -q --allow-empty -m one
cat >src/low/low.c <<'END'
    if (!block)
        return OU_NO_MEMORY;
    if (read(fd, block, 1) < 0)
        return ou_fail(err, OU_IO, "read %s: %s", path,
                       strerror(errno));
    return block[0] == 'a' ? OU_OK : ou_fail(err, OU_INVALID, "no a");
END
cat >build/coverage.json <<'END'
{"files": [{"file": "src/low/low.c", "lines": [
 {"line_number": 1, "count": 4, "branches": [{"count": 0}, {"count": 4}]}, {"line_number": 2, "count": 0, "branches": []},
 {"line_number": 3, "count": 4, "branches": []}, {"line_number": 4, "count": 0, "branches": []},
 {"line_number": 5, "count": 0, "branches": [], "gcovr/noncode": true}, {"line_number": 6, "count": 4, "branches": []}]}]}
END
printf '%s\n' 'before' '<!-- coverage -->' 'old' '<!-- /coverage -->' 'behind' >docs/internals/testing.md
said=0
"$table" build 'unit fuzz' --record >out || said=$?
check "it ends well" test $said -eq 0
check "lines, branches and errors of a layer are counted" \
    grep -qF '| low | 5 | 60.0 % | 2 | 50.0 % | 3 | 33.3 % | 2 |' out
check "the errors that no test reaches are listed with their kind" same \
    'src/low/low.c:2: memory: return OU_NO_MEMORY;
src/low/low.c:4: system: return ou_fail(err, OU_IO, "read %s: %s", path, strerror(errno));' build/uncovered-errors.txt
check "the page gets the table, and keeps the rest" same "before
<!-- coverage -->
$(cat out)
<!-- /coverage -->
behind" docs/internals/testing.md
tap_end
