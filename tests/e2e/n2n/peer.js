// A connection to a node, made with the protocols of @harmoniclabs/ouroboros-miniprotocols-ts.
"use strict";

const net = require("node:net");
const { Multiplexer, HandshakeClient } = require("@harmoniclabs/ouroboros-miniprotocols-ts");

// What the package would propose by itself asks for the table of versions only.
const FOLLOW = { initiatorOnlyDiffusionMode: true, peerSharing: false, query: false };
const QUERY = { ...FOLLOW, query: true };

function connect(port) {
    return new Promise((resolve, reject) => {
        const socket = net.connect({ host: "127.0.0.1", port, noDelay: true });
        socket.once("connect", () => resolve(socket));
        socket.once("error", reject);
    });
}

// Resolves to {multiplexer, answer, socket}; the answer is what the handshake ended with.
async function shakeHands(port, networkMagic, data = FOLLOW) {
    const socket = await connect(port);
    const multiplexer = new Multiplexer({ connect: () => socket, protocolType: "node-to-node" });
    const client = new HandshakeClient(multiplexer);
    const answer = await client.propose({ networkMagic, ...data });
    client.terminate();
    return { multiplexer, answer, socket };
}

function closed(socket) {
    return new Promise((resolve) => {
        if (socket.destroyed) resolve();
        else socket.once("close", resolve);
    });
}

module.exports = { QUERY, shakeHands, closed };
