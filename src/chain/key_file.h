/* Key files as cardano-cli writes them: JSON "text envelopes" of {type, description, cborHex}. */
#ifndef OU_CHAIN_KEY_FILE_H
#define OU_CHAIN_KEY_FILE_H

#include "chain/certificate.h"
#include "chain/vrf.h"

/* X(name, type, description, bytes of the key inside) */
#define KEY_FILE_KINDS(X)                                                                         \
    X(payment_signing, "PaymentSigningKeyShelley_ed25519", "Payment Signing Key", 32)             \
    X(payment_verification, "PaymentVerificationKeyShelley_ed25519", "Payment Verification Key",  \
      32)                                                                                         \
    X(genesis_utxo_signing, "GenesisUTxOSigningKey_ed25519", "Genesis Initial UTxO Signing Key",  \
      32)                                                                                         \
    X(genesis_utxo_verification, "GenesisUTxOVerificationKey_ed25519",                            \
      "Genesis Initial UTxO Verification Key", 32)                                                \
    X(stake_signing, "StakeSigningKeyShelley_ed25519", "Stake Signing Key", 32)                   \
    X(stake_verification, "StakeVerificationKeyShelley_ed25519", "Stake Verification Key", 32)    \
    X(pool_signing, "StakePoolSigningKey_ed25519", "Stake Pool Operator Signing Key", 32)         \
    X(pool_verification, "StakePoolVerificationKey_ed25519",                                      \
      "Stake Pool Operator Verification Key", 32)                                                 \
    X(genesis_signing, "GenesisSigningKey_ed25519", "Genesis Signing Key", 32)                    \
    X(genesis_verification, "GenesisVerificationKey_ed25519", "Genesis Verification Key", 32)     \
    X(delegate_signing, "GenesisDelegateSigningKey_ed25519", "Genesis delegate operator key", 32) \
    X(delegate_verification, "GenesisDelegateVerificationKey_ed25519",                            \
      "Genesis delegate operator key", 32)                                                        \
    X(drep_signing, "DRepSigningKey_ed25519", "Delegated Representative Signing Key", 32)         \
    X(drep_verification, "DRepVerificationKey_ed25519",                                           \
      "Delegated Representative Verification Key", 32)                                            \
    X(vrf_signing, "VrfSigningKey_PraosVRF", "VRF Signing Key", 64)                               \
    X(vrf_verification, "VrfVerificationKey_PraosVRF", "VRF Verification Key", 32)                \
    X(kes_signing, "KesSigningKey_ed25519_kes_2^6", "KES Signing Key", 608)                       \
    X(kes_verification, "KesVerificationKey_ed25519_kes_2^6", "KES Verification Key", 32)

enum key_file_kind {
#define X(name, type, description, bytes) KEY_##name,
    KEY_FILE_KINDS(X)
#undef X
};

#define KEY_FILE_MAX_BYTES 65536 /* of the text; more is refused */
#define KEY_MAX_BYTES 608

/* Reads a key of that kind; *ret has room for its bytes. Messages name the path, what is there and what was
 * expected. Secret keys that the group or others may use are refused, as cardano-node does. */
enum ou_status key_file_read(const char *path, enum key_file_kind kind, uint8_t *ret,
                             struct ou_error *err);
/* Secret kinds get mode 0600. */
enum ou_status key_file_write(const char *path, enum key_file_kind kind, const uint8_t *key,
                              struct ou_error *err);

/* A KES signing key of period 0, packed as cardano-cli does (kes_key_pack()). One of a later period is refused: a
 * node needs a new key and a new certificate then. */
enum ou_status kes_key_file_read(const char *path, struct kes_key *ret, struct ou_error *err);
enum ou_status kes_key_file_write(const char *path, const struct kes_key *key,
                                  struct ou_error *err);

/* NodeOperationalCertificate: [[kes_key, counter, period, signature], cold_key]. The signature is not
 * checked. */
enum ou_status certificate_file_read(const char *path, struct certificate *ret,
                                     uint8_t ret_cold[32], struct ou_error *err);
enum ou_status certificate_file_write(const char *path, const struct certificate *c,
                                      const uint8_t cold_key[32], struct ou_error *err);

/* NodeOperationalCertificateIssueCounter: [counter, cold_key], the number that the next certificate gets. */
enum ou_status counter_file_write(const char *path, uint64_t next, const uint8_t cold_key[32],
                                  struct ou_error *err);

/* The text of such files; `name` stands in messages. */
enum ou_status key_text_read(struct span text, const char *name, enum key_file_kind kind,
                             uint8_t *ret, struct ou_error *err);
enum ou_status kes_key_text_read(struct span text, const char *name, struct kes_key *ret,
                                 struct ou_error *err);
enum ou_status certificate_text_read(struct span text, const char *name, struct certificate *ret,
                                     uint8_t ret_cold[32], struct ou_error *err);

/* Refuses a file of secrets that others than its owner may use; one that is not there is left to whoever reads it. */
enum ou_status key_file_check_owner(const char *path, struct ou_error *err);

#endif
