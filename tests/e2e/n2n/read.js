// read.js LIBRARY: reads the lines of follow.js and prints, for each block, its hash and the ids of its transactions as
// that library finds them: csl (cardano-serialization-lib) or ledger-ts.
"use strict";

const readline = require("node:readline");

function listOf(many) {
    return Array.from({ length: many.len() }, (_, i) => many.get(i));
}

// Signatures are checked with the library's own keys, too.
function readWithCsl(bytes) {
    const csl = require("@emurgo/cardano-serialization-lib-nodejs");
    const block = csl.FixedVersionedBlock.from_bytes(bytes).block();
    const ids = listOf(block.transaction_bodies()).map((body) => body.tx_hash());
    const witnesses = block.transaction_witness_sets();

    ids.forEach((id, i) => listOf(witnesses.get(i).vkeys()).forEach((witness) => {
        if (!witness.vkey().public_key().verify(id.to_bytes(), witness.signature()))
            throw new Error(`transaction ${id.to_hex()} is not signed by its witness`);
    }));
    checkCertificate(csl, block.header().header_body());
    return [block.block_hash().to_hex(), ...ids.map((id) => id.to_hex())];
}

// The cold key signs KES key, counter and period, the numbers in eight bytes each.
function checkCertificate(csl, body) {
    const certificate = body.operational_cert();
    const signed = Buffer.alloc(48);

    Buffer.from(certificate.hot_vkey().to_bytes()).copy(signed, 0);
    signed.writeBigUInt64BE(BigInt(certificate.sequence_number()), 32);
    signed.writeBigUInt64BE(BigInt(certificate.kes_period()), 40);
    if (!body.issuer_vkey().public_key().verify(signed, certificate.sigma()))
        throw new Error("the operational certificate is not signed by the issuer");
}

// It has no way to read the first block of a chain, whose previous hash is null.
function readWithLedgerTs(bytes) {
    const { blake2b_256 } = require("@harmoniclabs/crypto");
    const { MultiEraBlock } = require("@harmoniclabs/cardano-ledger-ts");
    const { block } = MultiEraBlock.fromCbor(bytes);
    const hash = blake2b_256(block.header.toCborBytes());

    return [Buffer.from(hash).toString("hex"),
        ...block.transactionBodies.map((body) => body.hash.toString())];
}

const libraries = { "csl": readWithCsl, "ledger-ts": readWithLedgerTs };
const read = libraries[process.argv[2]];

readline.createInterface({ input: process.stdin }).on("line", (line) => {
    console.log(read(Buffer.from(JSON.parse(line).block, "hex")).join(" "));
});
