#include "node/node_config.h"

enum ou_status node_credentials_load(const char *kes_path, const char *vrf_path,
                                     const char *certificate_path, struct node_credentials *ret,
                                     struct ou_error *err)
{
    struct node_credentials got;
    uint8_t vrf[VRF_SEED_BYTES + VRF_KEY_BYTES];
    enum ou_status status = kes_key_file_read(kes_path, &got.kes, err);

    if (!status)
        status = key_file_read(vrf_path, KEY_vrf_signing, vrf, err);
    if (!status)
        status = certificate_file_read(certificate_path, &got.certificate, got.cold_key, err);
    if (status)
        return status;
    vrf_key_of_seed(vrf, &got.vrf); /* the seed comes first */
    if (memcmp(got.vrf.public_key, vrf + VRF_SEED_BYTES, VRF_KEY_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "%s: its two halves do not belong together", vrf_path);
    if (memcmp(got.certificate.kes_key, got.kes.keys[0], KES_KEY_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "%s: is not for the key in %s", certificate_path, kes_path);
    if (!certificate_verify(&got.certificate, got.cold_key))
        return ou_fail(err, OU_INVALID, "%s: its signature does not verify", certificate_path);
    *ret = got;
    return OU_OK;
}
