#!/bin/sh
# fetch-swagger.sh: Swagger UI, which shows the description of the API so that one can try it.
#
# Prints the path of a folder in the user's cache with swagger.js and swagger.css; nothing, and the reason on stderr, when
# it cannot be had: then the description is shown as a list. Version and checksum are fixed below.
set -u

# NAME VERSION FILE SHA-512 of the package
packages='
swagger-ui-dist 5.35.0 swagger-ui-bundle.js 534eaba4cb56f55dd73c638179a993512af4674f63317e0826e00da44fc465b021c341bc0a0c2bcd4e18997927fe1d3008336c5dd19aad334d1c2dec53cc9551
'
made="Swagger UI"
. "$(dirname "$0")/fetch-npm.sh"
cached swagger ""

begin_fetching
mkdir "$work/made"
while read -r name version file checksum; do
    fetch "$name" "$version" "$checksum" </dev/null
    from=$work/$name
    for kind in js css; do
        source=$from/swagger-ui.css
        [ $kind = css ] || source=$from/$file
        { comment "$from/LICENSE" "$from/NOTICE" "$from/$file.LICENSE.txt"; sed '/^\/[/*]# sourceMappingURL=/d' "$source"; } \
            >"$work/made/swagger.$kind" || give_up "$name $version has no $file"
    done
done <"$work/list"

mv "$work/made" "$kept" || give_up "no room for it"
echo "$kept"
