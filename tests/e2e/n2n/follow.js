// follow.js PORT MAGIC COUNT: follows the chain of a node from its beginning until it has COUNT blocks and has
// waited for one, fetches them, and prints a line of JSON for each: {slot, hash, block}, all bytes in hex.
// What goes against the protocol ends it with an error.
"use strict";

const assert = require("node:assert/strict");
const { Cbor } = require("@harmoniclabs/cbor");
const { blake2b_256 } = require("@harmoniclabs/crypto");
const { BlockFetchClient, ChainSyncClient } = require("@harmoniclabs/ouroboros-miniprotocols-ts");
const { KeepAliveClient } =
    require("@harmoniclabs/ouroboros-miniprotocols-ts/dist/protocols/keep-alive/KeepAliveClient.js");
const { shakeHands } = require("./peer.js");

const CONWAY = 6;
const BLOCKS_PER_REQUEST = 4; // the client loses its place in streams that it reads in many pieces
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const point = (block) => ({ blockHeader: { slotNumber: block.slot, hash: block.hash } });

// [6, 24(header)]: the header's slot, and its hash as the id of the block.
function readHeader(data) {
    const [era, wrapped] = data.array;

    assert.equal(Number(era.num), CONWAY);
    assert.equal(Number(wrapped.tag), 24);
    const bytes = wrapped.data.bytes ?? wrapped.data.buffer;
    const body = Cbor.parse(bytes).array[0].array;
    return { number: Number(body[0].num), slot: Number(body[1].num), hash: blake2b_256(bytes),
        header: bytes };
}

// Headers until there are COUNT of them and the node had none more to give.
async function followHeaders(multiplexer, count) {
    const client = new ChainSyncClient(multiplexer);
    const chain = [];
    let waited = 0;

    client.on("awaitReply", () => waited++);
    const found = await client.findIntersect([{ blockHeader: undefined }]);
    assert.equal(found.constructor.name, "ChainSyncIntersectFound");
    assert.equal(found.point.blockHeader, undefined);
    const first = await client.requestNext();
    assert.equal(first.constructor.name, "ChainSyncRollBackwards");
    assert.equal(first.point.blockHeader, undefined);
    while (chain.length < count || waited === 0) {
        const next = await client.requestNext();
        if (next.constructor.name === "ChainSyncRollBackwards") {
            const to = next.point.blockHeader;
            while (chain.length && !(to && chain.at(-1).slot === Number(to.slotNumber))) chain.pop();
            continue;
        }
        const header = readHeader(next.data);
        assert.equal(header.number, chain.length);
        assert.ok(Number(next.tip.blockNo) >= header.number);
        chain.push(header);
    }
    return { client, chain };
}

// Near the beginning, where no rollback comes.
async function checkIntersections(client, chain) {
    const [, older, newer] = chain;
    const nowhere = { slot: newer.slot, hash: new Uint8Array(32).fill(0xee) };
    const none = await client.findIntersect([point(nowhere)]);
    assert.equal(none.constructor.name, "ChainSyncIntersectNotFound");
    const found = await client.findIntersect([point(nowhere), point(older), point(chain[0])]);
    assert.equal(found.constructor.name, "ChainSyncIntersectFound");
    assert.equal(hex(found.point.blockHeader.hash), hex(older.hash));
    const back = await client.requestNext();
    assert.equal(back.constructor.name, "ChainSyncRollBackwards");
    const next = await client.requestNext();
    assert.equal(hex(readHeader(next.data).hash), hex(newer.hash));
}

async function fetchBlocks(client, chain) {
    const nowhere = { slot: chain[0].slot, hash: new Uint8Array(32).fill(0xee) };
    const none = await client.requestRange(point(nowhere), point(nowhere));
    assert.equal(none.constructor.name, "BlockFetchNoBlocks");
    for (let at = 0; at < chain.length; at += BLOCKS_PER_REQUEST) {
        const range = chain.slice(at, at + BLOCKS_PER_REQUEST);
        const blocks = await client.requestRange(point(range[0]), point(range.at(-1)));
        assert.equal(blocks.length, range.length);
        range.forEach((header, i) => { header.block = blocks[i].getBlockBytes(); });
    }
}

async function main(port, magic, count) {
    const { multiplexer, answer, socket } = await shakeHands(Number(port), Number(magic));
    assert.equal(answer.constructor.name, "HandshakeAcceptVersion");

    const keepAlive = new KeepAliveClient(multiplexer);
    const pong = await keepAlive.request(0x1234);
    assert.equal(Number(pong.cookie), 0x1234);
    const { client, chain } = await followHeaders(multiplexer, Number(count));
    await checkIntersections(client, chain);
    const blockFetch = new BlockFetchClient(multiplexer);
    await fetchBlocks(blockFetch, chain);
    assert.equal(Number((await keepAlive.request(0xffff)).cookie), 0xffff);
    client.done();
    blockFetch.done();
    keepAlive.done();
    for (const { slot, hash, block } of chain)
        console.log(JSON.stringify({ slot, hash: hex(hash), block: hex(block) }));
    multiplexer.on("error", () => {}); // nodes end connections with a reset
    socket.end();
}

main(...process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
});
