// handshake.js PORT MAGIC [query]: proposes versions 7 to 14 and prints what the node answers, on a line.
"use strict";

const { QUERY, closed, shakeHands } = require("./peer.js");

function describe(answer) {
    switch (answer.constructor.name) {
    case "HandshakeAcceptVersion":
        return `accepted ${answer.versionNumber}, magic ${answer.versionData.networkMagic}, ` +
            `initiator only ${answer.versionData.initiatorOnlyDiffusionMode}`;
    case "HandshakeQueryReply":
        return `versions ${Object.keys(answer.versionTable).join(" ")}`;
    case "HandshakeRefuse":
        return `refused: ${answer.reason.constructor.name}`;
    default:
        return answer.constructor.name;
    }
}

async function main(port, magic, query) {
    const { multiplexer, answer, socket } =
        await shakeHands(Number(port), Number(magic), query && QUERY);

    console.log(describe(answer));
    multiplexer.on("error", () => {}); // nodes end connections with a reset
    if (answer.constructor.name === "HandshakeAcceptVersion") socket.destroy();
    else await closed(socket); // by the node: there is nothing more to say
}

main(...process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
});
