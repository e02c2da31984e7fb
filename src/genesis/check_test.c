/* The files of public networks are right; each fault is put into a right file and must be the only one told. */
#include "genesis/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "genesis/fields.h"
#include "support/files.h"
#include "support/test.h"

/* ---- files that are right ---- */

#define POOL "8a219b698d3b6e034391ae84cee62f1d76b6fbc45ddfe4e31e0d4b60"
#define SHORT_KEY "00000000000000000000000000000000000000000000000000"
#define KEY "e71273233feff9b814fdcba1e834eb6531345a2251bf5d79f008811c"
#define HASH "dc0f97bfd492c2a1cde92cb25b72b0aff4f6ee6c3a5d1ea3fa5449276f9519d1"

static const char byron[] =
    "{\"bootStakeholders\":{\"" KEY "\":1},\n"
    "\"heavyDelegation\":{},\"startTime\":1768395750,\n"
    "\"nonAvvmBalances\":{\"FHnt4NL7yPXjpZtYj1YUiX9QYYUZGXDT9gA2PJXQFkTSMx3EgawXK5BUrCHdhe2\":\"0\"},\n"
    "\"blockVersionData\":{\"scriptVersion\":0,\"slotDuration\":\"20000\",\"maxBlockSize\":\"641000\",\n"
    "\"maxHeaderSize\":\"200000\",\"maxTxSize\":\"4096\",\"maxProposalSize\":\"700\",\"mpcThd\":\"200000\",\n"
    "\"heavyDelThd\":\"300000\",\"updateVoteThd\":\"100000\",\"updateProposalThd\":\"100000\",\n"
    "\"updateImplicit\":\"10000\",\"softforkRule\":{\"initThd\":\"9\",\"minThd\":\"6\",\"thdDecrement\":\"1\"},\n"
    "\"txFeePolicy\":{\"summand\":\"155381\",\"multiplier\":\"439460\"},\"unlockStakeEpoch\":\"184467\"},\n"
    "\"protocolConsts\":{\"k\":40,\"protocolMagic\":42},\"avvmDistr\":{}}";

static const char shelley[] =
    "{\"activeSlotsCoeff\":0.05,\"epochLength\":8000,\"genDelegs\":{},\n"
    "\"initialFunds\":{\"60" KEY "\":18000000000000,\n"
    "\"00" KEY POOL "\":46800000000},\n"
    "\"maxKESEvolutions\":62,\"maxLovelaceSupply\":45000000000000000,\"networkId\":\"Testnet\",\n"
    "\"networkMagic\":42,\n"
    "\"protocolParams\":{\"a0\":0.3,\"decentralisationParam\":0,\"eMax\":18,\n"
    "\"extraEntropy\":{\"tag\":\"NeutralNonce\"},\"keyDeposit\":2000000,\"maxBlockBodySize\":90112,\n"
    "\"maxBlockHeaderSize\":1100,\"maxTxSize\":16384,\"minFeeA\":44,\"minFeeB\":155381,\n"
    "\"minPoolCost\":0,\"minUTxOValue\":0,\"nOpt\":500,\"poolDeposit\":500000000,\n"
    "\"protocolVersion\":{\"major\":10,\"minor\":0},\"rho\":0.003,\"tau\":{\"numerator\":1,\n"
    "\"denominator\":5}},\n"
    "\"securityParam\":40,\"slotLength\":1,\"slotsPerKESPeriod\":129600,\n"
    "\"staking\":{\"stake\":{\"" KEY "\":\"" POOL "\"},\"pools\":{\"" POOL
    "\":{\"cost\":0,\"margin\":0,\n"
    "\"metadata\":null,\"owners\":[\"" KEY "\"],\"pledge\":0,\"publicKey\":\"" POOL "\",\n"
    "\"relays\":[{\"single host name\":{\"dnsName\":\"127.0.0.1\",\"port\":30000}},\n"
    "{\"single host address\":{\"IPv4\":\"10.0.0.1\",\"IPv6\":null,\"port\":1}}],\n"
    "\"rewardAccount\":{\"credential\":{\"keyHash\":\"" KEY "\"},\"network\":\"Testnet\"},\n"
    "\"vrf\":\"" HASH "\"}}},\n"
    "\"systemStart\":\"2026-01-14T13:02:30Z\",\"updateQuorum\":0}";

static const char conway[] =
    "{\"poolVotingThresholds\":{\"committeeNormal\":0.51,\"committeeNoConfidence\":0.51,\n"
    "\"hardForkInitiation\":0.51,\"motionNoConfidence\":0.51,\"ppSecurityGroup\":0.51},\n"
    "\"dRepVotingThresholds\":{\"motionNoConfidence\":0.67,\"committeeNormal\":0.67,\n"
    "\"committeeNoConfidence\":0.6,\"updateToConstitution\":0.75,\"hardForkInitiation\":0.6,\n"
    "\"ppNetworkGroup\":0.67,\"ppEconomicGroup\":0.67,\"ppTechnicalGroup\":0.67,\"ppGovGroup\":0.75,\n"
    "\"treasuryWithdrawal\":0.67},\"committeeMinSize\":1,\"committeeMaxTermLength\":146,\n"
    "\"govActionLifetime\":6,\"govActionDeposit\":100000000000,\"dRepDeposit\":500000000,\n"
    "\"dRepActivity\":20,\"minFeeRefScriptCostPerByte\":15,\"plutusV3CostModel\":[COSTS],\n"
    "\"constitution\":{\"anchor\":{\"url\":\"\",\"dataHash\":\"" HASH "\"},\"script\":null},\n"
    "\"committee\":{\"members\":{\"scriptHash-" KEY "\":580},\"threshold\":{\"numerator\":2,\n"
    "\"denominator\":3}},\n"
    "\"delegs\":{\"keyHash-" KEY "\":{\"dRep\":\"drep-keyHash-" POOL
    "\",\"kind\":\"DelegVote\"}},\n"
    "\"initialDReps\":{\"keyHash-" POOL "\":{\"deposit\":500000000,\"expiry\":1000}}}";

static const char alonzo[] =
    "{\"lovelacePerUTxOWord\":4310,\"executionPrices\":{\"prMem\":{\"numerator\":577,\n"
    "\"denominator\":10000},\"priceSteps\":0.0000721},\"maxTxExUnits\":{\"exUnitsMem\":14000000,\n"
    "\"exUnitsSteps\":10000000000},\"maxBlockExUnits\":{\"memory\":62000000,\"steps\":20000000000},\n"
    "\"maxValueSize\":5000,\"collateralPercentage\":150,\"maxCollateralInputs\":3,\n"
    "\"costModels\":{\"PlutusV1\":[V1COSTS]},\"extraConfig\":{\"costModels\":{\"PlutusV2\":[V2COSTS]}}}";

static const char dijkstra[] =
    "{\"maxRefScriptSizePerBlock\":1048576,\"maxRefScriptSizePerTx\":204800,\n"
    "\"refScriptCostStride\":25600,\"refScriptCostMultiplier\":1.2}";

static const char *const right[GENESIS_ERAS] = { byron, shelley, alonzo, conway, dijkstra };

/* ---- what was told ---- */

struct told {
    struct buffer lines; /* "severity line path: reason\n" */
    size_t faults, remarks;
};

static void tell(void *context, const struct genesis_finding *f)
{
    struct told *t = context;

    *(f->severity == GENESIS_FAULT ? &t->faults : &t->remarks) += 1;
    buffer_printf(&t->lines, "%s %" PRIu64 ":%" PRIu64 " %s: %s\n",
                  f->severity == GENESIS_FAULT ? "fault" : "remark", f->line, f->column, f->path,
                  f->reason);
}

static void told_begin(struct told *t)
{
    *t = (struct told){ .faults = 0 };
    buffer_init(&t->lines, allocator_libc(), 4 << 20);
}

static void check_set(const struct genesis_set *set, struct told *ret,
                      struct genesis_check_result *ret_result)
{
    struct ou_error err = { 0 };

    told_begin(ret);
    if (genesis_check(set, tell, ret, ret_result, &err))
        fail_msg("%s", err.text);
}

/* ---- making files ---- */

static char *replaced(const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    char *result;

    if (!at)
        fail_msg("'%s' is not there", what);
    if (asprintf(&result, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what)) < 0)
        fail_msg("no memory");
    return result;
}

/* "1,1,1" */
static char *ones(int count)
{
    char *text = malloc((size_t)count * 2);

    for (int i = 0; i < count; i++)
        memcpy(text + 2 * (size_t)i, "1,", 2);
    text[2 * count - 1] = '\0';
    return text;
}

static char *with_costs(const char *text, const char *mark, int count)
{
    char *costs, *result;

    if (!strstr(text, mark))
        return strdup(text);
    costs = ones(count);
    result = replaced(text, mark, costs);
    free(costs);
    return result;
}

/* The right file of an era with one thing changed; what: "" for none. */
static const char *make_file(struct temp_dir *dir, enum genesis_era era, const char *what,
                             const char *with)
{
    char *changed = *what ? replaced(right[era], what, with) : strdup(right[era]);
    char *v1 = with_costs(changed, "V1COSTS", 166), *v2 = with_costs(v1, "V2COSTS", 175);
    char *all = with_costs(v2, "COSTS", 251);
    const char *path = temp_file(dir, genesis_era_name(era), all);

    free(changed);
    free(v1);
    free(v2);
    free(all);
    return path;
}

/* ---- files that are right ---- */

static void test_files_that_are_right_have_no_faults(void **state)
{
    struct temp_dir dir;
    struct genesis_set set = { .config = NULL };
    struct genesis_check_result result;
    struct told told;

    (void)state;
    temp_dir_make(&dir);
    for (int era = 0; era < GENESIS_ERAS; era++)
        set.files[era] = make_file(&dir, (enum genesis_era)era, "", "");
    check_set(&set, &told, &result);
    assert_string_equal(buffer_string(&told.lines), "");
    assert_int_equal(result.faults + result.remarks, 0);
    assert_int_equal(result.funds, 2);
    assert_int_equal(result.pools, 1);
    assert_int_equal(result.delegations, 1);
    assert_int_equal(result.dreps, 1);
    buffer_release(&told.lines);
    temp_dir_remove(&dir);
}

static void check_network(const char *name, const char *wanted)
{
    char folder[100];
    struct genesis_set set;
    struct genesis_check_result result;
    struct told told;
    struct ou_error err = { 0 };

    snprintf(folder, sizeof folder, "real/d-genesis/%s", name);
    if (genesis_set_of_directory(shared_data(folder), &set, &err))
        fail_msg("%s", err.text);
    check_set(&set, &told, &result);
    assert_string_equal(buffer_string(&told.lines), wanted);
    buffer_release(&told.lines);
    genesis_set_release(&set);
}

static void test_files_of_public_networks_have_no_faults(void **state)
{
    (void)state;
    check_network("mainnet",
                  "remark 0:0 ByronGenesisHash: was not compared: the file is not here\n"
                  "remark 0:0 CheckpointsFileHash: was not compared: the file is not here\n");
    check_network("preview",
                  "remark 0:0 CheckpointsFileHash: was not compared: the file is not here\n");
}

/* ---- faults ---- */

struct fault_case {
    enum genesis_era era;
    const char *what, *with; /* in the right file */
    const char *wanted;      /* all that is told, or a part of it that begins a line */
};

static const struct fault_case faults[] = {
    { GENESIS_SHELLEY, "\"epochLength\":8000,", "", "fault 1:1 epochLength: is missing\n" },
    { GENESIS_SHELLEY, "8000", "7999",
      "fault 1:40 epochLength: must be 10 x securityParam / activeSlotsCoeff at least, not 7999" },
    { GENESIS_SHELLEY, "0.05", "0",
      "fault 1:21 activeSlotsCoeff: must be above 0 and at most 1, not 0\n" },
    { GENESIS_SHELLEY, "0.05", "1.0000000000000000001",
      "fault 1:21 activeSlotsCoeff: must be above 0 and at most 1, not 1.0000000000000000001\n" },
    { GENESIS_SHELLEY, "0.05", "\"0.05\"",
      "fault 1:21 activeSlotsCoeff: must be a number, or {\"numerator\": .., \"denominator\": ..}, "
      "not a text\n" },
    { GENESIS_SHELLEY, "8000", "8000.5",
      "fault 1:40 epochLength: must be a whole number in 1..2^64-1, not 8000.5\n" },
    { GENESIS_SHELLEY, "8000", "18446744073709551616",
      "fault 1:40 epochLength: is no fraction of two 64-bit numbers: 18446744073709551616\n" },
    { GENESIS_SHELLEY, "\"denominator\":5", "\"denominator\":0",
      "fault 10:60 protocolParams.tau: has 0 as its denominator\n" },
    { GENESIS_SHELLEY, "\"denominator\":5", "\"d\":5",
      "remark 11:5 protocolParams.tau.d: is no part of a fraction: ignored\n"
      "fault 10:60 protocolParams.tau: must have a numerator and a denominator\n" },
    { GENESIS_SHELLEY, "\"numerator\":1", "\"numerator\":6",
      "fault 10:60 protocolParams.tau: must be in 0..1, not 6/5\n" },
    { GENESIS_SHELLEY, "\"60" KEY "\"", "\"60" KEY "00\"",
      "fault 2:80 initialFunds.60" KEY "00: the name is no address: an address of 30 bytes that "
      "begins with 0x60\n" },
    { GENESIS_SHELLEY, "\"60" KEY "\"", "\"61" KEY "\"",
      "fault 2:78 initialFunds: an address of Mainnet, and networkId is Testnet (1 of these)\n" },
    { GENESIS_SHELLEY, "\"60" KEY "\"", "\"e0" KEY "\"",
      "fault 2:78 initialFunds.e0" KEY ": the name is a reward account, which holds no output\n" },
    { GENESIS_SHELLEY, "\"60" KEY "\"", "\"80" KEY "\"",
      "fault 2:78 initialFunds.80" KEY ": the name begins with 8, and is no Byron address: " },
    { GENESIS_SHELLEY, "\"60" KEY "\":1", "\"60ABCDEF" SHORT_KEY "\":2,\"60aBcdef" SHORT_KEY "\":1",
      "initialFunds.60aBcdef" SHORT_KEY
      ": stands twice in its object; a node takes one of them\n" },
    { GENESIS_SHELLEY, "46800000000", "-1", "must be in 0..2^64-1, not -1\n" },
    { GENESIS_SHELLEY, "45000000000000000", "18046799999999",
      "fault 4:43 maxLovelaceSupply: is 18046799999999, and initialFunds hold more: "
      "18046800000000\n" },
    { GENESIS_SHELLEY, "45000000000000000", "18046800000000",
      "remark 4:43 maxLovelaceSupply: leaves less than the deposits of pools, stake keys and "
      "DReps beside initialFunds: 502000000\n" },
    { GENESIS_SHELLEY, "\"maxKESEvolutions\":62", "\"maxKESEvolutions\":65",
      "fault 4:20 maxKESEvolutions: must be in 1..64, not 65\n" },
    { GENESIS_SHELLEY, "\"slotsPerKESPeriod\":129600", "\"slotsPerKESPeriod\":1",
      "slotsPerKESPeriod: KES keys end after 1 x 62 slots, before the first epoch does\n" },
    { GENESIS_SHELLEY, "\"networkId\":\"Testnet\"", "\"networkId\":\"testnet\"",
      "must be one of: Testnet Mainnet; not \"testnet\"\n" },
    { GENESIS_SHELLEY, "\"networkMagic\":42", "\"networkMagic\":764824073",
      "remark 5:16 networkMagic: is 764824073, and networkId is Testnet" },
    { GENESIS_SHELLEY, "\"major\":10", "\"major\":13",
      "remark 10:28 protocolParams.protocolVersion.major: is 13; known are 2" },
    { GENESIS_SHELLEY, "\"stake\":{\"" KEY "\":\"" POOL "\"}",
      "\"stake\":{\"" KEY "\":\"" KEY "\"}",
      "fault 13:80 staking.stake: delegates to " KEY
      ", which is not in staking.pools (1 of these)\n" },
    { GENESIS_SHELLEY, "\"publicKey\":\"" POOL, "\"publicKey\":\"" KEY,
      "must be the id of its pool, the name of this object\n" },
    { GENESIS_SHELLEY, "\"network\":\"Testnet\"", "\"network\":\"Mainnet\"",
      "staking.pools: a reward account of Mainnet, and networkId is Testnet (1 of these)\n" },
    { GENESIS_SHELLEY, "\"keyHash\"", "\"key hash\"",
      "key hash: is how nodes before 8.4 call keyHash\n" },
    { GENESIS_SHELLEY, "\"owners\":[\"" KEY "\"]", "\"owners\":[\"" KEY "\",\"12\"]",
      "owners.[1]: must have 56 hex digits, and has 2 characters\n" },
    { GENESIS_SHELLEY, "10.0.0.1", "10.0.0.256", "must be an IPv4 address, not \"10.0.0.256\"\n" },
    { GENESIS_SHELLEY, "2026-01-14T13:02:30Z", "2026-02-30T13:02:30Z",
      "systemStart: must be a time like 2026-11-22T10:00:00Z" },
    { GENESIS_SHELLEY, "\"vrf\":\"dc", "\"vrf\":\"gc", "vrf: must be 64 hex digits, not \"gc" },
    { GENESIS_SHELLEY, "\"genDelegs\":{}",
      "\"genDelegs\":{\"" KEY "\":{\"delegate\":\"" KEY "\",\"vrf\":\"" HASH "\"}}",
      "updateQuorum: must be more than half of the 1 genDelegs, not 0\n" },
    { GENESIS_SHELLEY, "\"a0\":0.3", "\"a0\":-1",
      "protocolParams.a0: must be 0 or more, not -1\n" },
    { GENESIS_SHELLEY, "{\"tag\":\"NeutralNonce\"}", "{\"tag\":\"Nonce\"}",
      "protocolParams.extraEntropy.contents: is missing\n" },
    { GENESIS_SHELLEY, "\"maxTxSize\":16384", "\"maxTxSize\":90113",
      "remark 8:39 protocolParams.maxTxSize: is 90113, and no block holds a transaction above "
      "maxBlockBodySize, 90112\n" },
    { GENESIS_SHELLEY, "\"stake\":{\"" KEY "\"", "\"stake\":{\"zz\"",
      "fault 13:26 staking.stake.zz: the name must have 56 hex digits, and has 2 characters\n" },
    { GENESIS_SHELLEY, "\"maxTxSize\":16384", "\"maxTxSize\":16384,\"maxTxSize\":16384",
      "fault 8:57 protocolParams.maxTxSize: stands twice in its object; a node takes one of them\n" },
    { GENESIS_SHELLEY, "\"00" KEY POOL "\"", "\"60" KEY "\"",
      "stands twice in its object; a node takes one of them\n" },
    { GENESIS_SHELLEY, "\"maxTxSize\"", "\"maxTxSzie\"",
      "remark 8:39 protocolParams.maxTxSzie: is no member that nodes know: ignored; did you mean "
      "maxTxSize?\n"
      "fault 6:18 protocolParams.maxTxSize: is missing\n" },
    { GENESIS_SHELLEY, "\"protocolVersion\":{\"major\":10,\"minor\":0}",
      "\"protocolVersion\":[10,0]",
      "fault 10:19 protocolParams.protocolVersion: must be an object, not a list\n" },
    { GENESIS_SHELLEY, "\"updateQuorum\":0}", "\"updateQuorum\":0,}",
      "no JSON: a comma stands before the closing bracket\n" },
    { GENESIS_ALONZO, "V1COSTS", "V1COSTS,1",
      "costModels.PlutusV1: must have 166 numbers, and has 167\n" },
    { GENESIS_ALONZO, "[V2COSTS]", "[V2COSTS,1]",
      "extraConfig.costModels.PlutusV2: has 176 numbers; usual are 175+ 185 332\n" },
    { GENESIS_ALONZO, "\"memory\":62000000", "\"memory\":62000000,\"exUnitsMem\":1",
      "maxBlockExUnits.exUnitsMem: stands beside memory, which is another name of the same\n" },
    { GENESIS_CONWAY, "COSTS]", "COSTS,1]",
      "plutusV3CostModel: must have 251 numbers, and has 252\n" },
    { GENESIS_CONWAY, "[COSTS]", "[COSTS,1.5]",
      "plutusV3CostModel.[251]: must be a whole number in -2^63..2^63-1, not 1.5\nfault 8:71 plutusV3CostModel: must have 251 numbers, and has 252\n" },
    { GENESIS_CONWAY, "\"ppSecurityGroup\":0.51", "\"ppSecurityGroup\":1.51",
      "poolVotingThresholds.ppSecurityGroup: must be in 0..1, not 1.51\n" },
    { GENESIS_CONWAY, "scriptHash-" KEY "\":580", "script-" KEY "\":580",
      "the name must be keyHash- or scriptHash- and 56 hex digits" },
    { GENESIS_CONWAY, "\"drep-keyHash-" POOL "\"", "\"drep-keyHash-" KEY "\"",
      "delegs: delegates to keyHash-" KEY ", which is not in initialDReps (1 of these)\n" },
    { GENESIS_CONWAY, "\"dRep\":\"drep-keyHash-" POOL "\",", "",
      "delegs.keyHash-" KEY ".dRep: is missing\n" },
    { GENESIS_CONWAY, "\"DelegVote\"", "\"DelegStakeVote\"",
      "delegs.keyHash-" KEY ".poolId: is missing\n" },
    { GENESIS_CONWAY, "\"drep-keyHash-" POOL "\"", "\"" POOL "\"", "must be drep-keyHash-HEX" },
    { GENESIS_CONWAY, "\"committeeMinSize\":1", "\"committeeMinSize\":2",
      "committeeMinSize: is 2, and the committee has 1: it can decide nothing\n" },
    { GENESIS_CONWAY, "\"dRepActivity\":20", "\"dRepActivity\":4294967296",
      "dRepActivity: must be in 0..2^32-1, not 4294967296\n" },
    { GENESIS_BYRON, "\"slotDuration\":\"20000\"", "\"slotDuration\":20000",
      "blockVersionData.slotDuration: must be digits in quotation marks, not a number\n" },
    { GENESIS_BYRON, "FHnt4NL7", "FHnt4NL0", "is no Byron address" },
    { GENESIS_DIJKSTRA, "1.2", "0", "refScriptCostMultiplier: must be above 0, not 0\n" },
};

static void test_each_fault_is_told_with_its_place_and_nothing_else(void **state)
{
    size_t good = 0;

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault_case *f = &faults[i];
        struct temp_dir dir;
        struct genesis_set set = { .config = NULL };
        struct genesis_check_result result;
        struct told told;
        size_t lines = 1;

        temp_dir_make(&dir);
        set.files[f->era] = make_file(&dir, f->era, f->what, f->with);
        check_set(&set, &told, &result);
        for (const char *at = f->wanted; (at = strchr(at, '\n')) && at[1]; at++)
            lines++;
        if (!strstr(buffer_string(&told.lines), f->wanted) || told.faults + told.remarks != lines)
            print_error("wanted: %s\ntold: %s", f->wanted, buffer_string(&told.lines));
        else
            good++;
        assert_int_equal(result.faults, told.faults);
        assert_int_equal(result.remarks, told.remarks);
        buffer_release(&told.lines);
        temp_dir_remove(&dir);
    }
    assert_int_equal(good, sizeof faults / sizeof *faults);
}

/* ---- files that must agree ---- */

static void check_two(enum genesis_era changed, const char *what, const char *with,
                      const char *wanted)
{
    struct temp_dir dir;
    struct genesis_set set = { .config = NULL };
    struct genesis_check_result result;
    struct told told;

    temp_dir_make(&dir);
    for (int era = 0; era < GENESIS_ERAS; era++)
        set.files[era] =
            make_file(&dir, (enum genesis_era)era, era == (int)changed ? what : "", with);
    check_set(&set, &told, &result);
    if (!strstr(buffer_string(&told.lines), wanted) || told.faults + told.remarks != 1)
        fail_msg("wanted: %s\ntold: %s", wanted, buffer_string(&told.lines));
    buffer_release(&told.lines);
    temp_dir_remove(&dir);
}

static void test_byron_and_shelley_must_agree(void **state)
{
    (void)state;
    check_two(GENESIS_BYRON, "\"protocolMagic\":42", "\"protocolMagic\":43",
              "fault 9:42 protocolConsts.protocolMagic: is 43, and networkMagic of the Shelley "
              "file is 42\n");
    check_two(GENESIS_BYRON, "\"k\":40", "\"k\":41",
              "protocolConsts.k: is 41, and securityParam of the Shelley file is 40\n");
    check_two(GENESIS_BYRON, "1768395750", "1768395751",
              "startTime: must be the systemStart of the Shelley file, 2026-01-14T13:02:30Z "
              "(1768395750), not 1768395751\n");
}

static void check_config(const char *text, const char *wanted)
{
    struct temp_dir dir;
    struct genesis_set set = { .config = NULL };
    struct genesis_check_result result;
    struct told told;

    temp_dir_make(&dir);
    set.files[GENESIS_SHELLEY] = make_file(&dir, GENESIS_SHELLEY, "\"major\":10", "\"major\":8");
    set.config = temp_file(&dir, "config", text);
    check_set(&set, &told, &result);
    if (!strstr(buffer_string(&told.lines), wanted))
        fail_msg("wanted: %s\ntold: %s", wanted, buffer_string(&told.lines));
    buffer_release(&told.lines);
    temp_dir_remove(&dir);
}

static void test_a_configuration_must_fit_the_files(void **state)
{
    (void)state;
    check_config("{\"ShelleyGenesisHash\":\"" HASH "\"}",
                 "fault 0:0 ShelleyGenesisHash: is " HASH ", and the hash of ");
    check_config("{\"TestConwayHardForkAtEpoch\":0}",
                 "fault 0:0 TestConwayHardForkAtEpoch: lets the chain begin with version 9, and "
                 "protocolParams.protocolVersion.major of the Shelley file is 8\n");
    check_config("{\"TestBabbageHardForkAtEpoch\":0,\"TestConwayHardForkAtEpoch\":1}", "");
}

static void test_a_configuration_that_is_no_object_is_refused(void **state)
{
    struct temp_dir dir;
    struct genesis_set set = { .config = NULL };
    struct genesis_check_result result;
    struct ou_error err = { 0 };
    struct told told;

    (void)state;
    temp_dir_make(&dir);
    told_begin(&told);
    set.files[GENESIS_SHELLEY] = make_file(&dir, GENESIS_SHELLEY, "", "");
    set.config = temp_file(&dir, "config", "[]");
    assert_int_equal(genesis_check(&set, tell, &told, &result, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "/config: a configuration is an object"));
    buffer_release(&told.lines);
    temp_dir_remove(&dir);
}

/* ---- older files ---- */

static void test_conway_files_of_older_nodes_have_remarks_only(void **state)
{
    static const char *const files[] = {
        "{\"genDelegs\":{}}",
        "{\"poolVotingThresholds\":{\"pvtMotionNoConfidence\":0,\"pvtCommitteeNormal\":0,"
        "\"pvtCommitteeNoConfidence\":0,\"pvtHardForkInitiation\":0},\"dRepVotingThresholds\":{"
        "\"dvtMotionNoConfidence\":0,\"dvtCommitteeNormal\":0,\"dvtCommitteeNoConfidence\":0,"
        "\"dvtUpdateToConstitution\":0,\"dvtHardForkInitiation\":0,\"dvtPPNetworkGroup\":0,"
        "\"dvtPPEconomicGroup\":0,\"dvtPPTechnicalGroup\":0,\"dvtPPGovGroup\":0,"
        "\"dvtTreasuryWithdrawal\":0},\"minCommitteeSize\":0,\"committeeTermLimit\":200,"
        "\"govActionExpiration\":0,\"govActionDeposit\":0,\"dRepDeposit\":0,\"dRepActivity\":0}",
        "{\"poolVotingThresholds\":{\"motionNoConfidence\":0,\"committeeNormal\":0,"
        "\"committeeNoConfidence\":0,\"hardForkInitiation\":0,\"ppSecurityGroup\":0},"
        "\"dRepVotingThresholds\":{\"motionNoConfidence\":0,\"committeeNormal\":0,"
        "\"committeeNoConfidence\":0,\"updateToConstitution\":0,\"hardForkInitiation\":0,"
        "\"ppNetworkGroup\":0,\"ppEconomicGroup\":0,\"ppTechnicalGroup\":0,\"ppGovGroup\":0,"
        "\"treasuryWithdrawal\":0},\"committeeMinSize\":0,\"committeeMaxTermLength\":60,"
        "\"govActionLifetime\":14,\"govActionDeposit\":0,\"dRepDeposit\":0,\"dRepActivity\":0,"
        "\"constitution\":{\"anchor\":{\"url\":\"\",\"dataHash\":\"" HASH "\"}},"
        "\"committee\":{\"members\":{},\"quorum\":0}}",
    };
    static const size_t remarks[] = { 1, 14 + 3 + 5, 1 + 2 };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct temp_dir dir;
        struct genesis_set set = { .config = NULL };
        struct genesis_check_result result;
        struct told told;
        enum genesis_era era = GENESIS_BYRON;

        temp_dir_make(&dir);
        set.files[GENESIS_CONWAY] = temp_file(&dir, "file", files[i]);
        assert_int_equal(genesis_era_of(set.files[GENESIS_CONWAY], &era, NULL), OU_OK);
        assert_int_equal(era, GENESIS_CONWAY);
        check_set(&set, &told, &result);
        if (result.faults || result.remarks != remarks[i])
            fail_msg("%zu: %s", i, buffer_string(&told.lines));
        buffer_release(&told.lines);
        temp_dir_remove(&dir);
    }
}

/* ---- many ---- */

static void test_of_findings_alike_a_hundred_are_told(void **state)
{
    struct temp_dir dir;
    struct genesis_set set = { .config = NULL };
    struct genesis_check_result result;
    struct told told;
    struct buffer funds;
    char *text;

    (void)state;
    temp_dir_make(&dir);
    buffer_init(&funds, allocator_libc(), 1 << 20);
    buffer_text(&funds, "\"initialFunds\":{");
    for (int i = 0; i < 150; i++)
        buffer_printf(&funds, "\"%06x\":1,", i);
    text = replaced(shelley, "\"initialFunds\":{", buffer_string(&funds));
    set.files[GENESIS_SHELLEY] = temp_file(&dir, "file", text);
    check_set(&set, &told, &result);
    assert_int_equal(result.faults, 150);
    assert_int_equal(told.faults, 101);
    assert_non_null(strstr(buffer_string(&told.lines), "and 50 more of which the first was: "));
    buffer_release(&told.lines);
    buffer_release(&funds);
    free(text);
    temp_dir_remove(&dir);
}

/* ---- which file is which ---- */

static void test_eras_are_told_by_members(void **state)
{
    struct temp_dir dir;
    enum genesis_era era;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    for (int i = 0; i < GENESIS_ERAS; i++) {
        assert_int_equal(genesis_era_of(make_file(&dir, (enum genesis_era)i, "", ""), &era, &err),
                         OU_OK);
        assert_int_equal(era, i);
    }
    assert_int_equal(genesis_era_of(temp_file(&dir, "file", "{\"x\":{\"k\":1}}"), &era, &err),
                     OU_INVALID);
    assert_int_equal(genesis_era_of(temp_file(&dir, "file", "[]"), &era, &err), OU_INVALID);
    assert_int_equal(genesis_era_of(temp_file(&dir, "file", "{\"x\":1,"), &era, &err), OU_INVALID);
    assert_int_equal(genesis_era_of(temp_path(&dir, "absent"), &era, &err), OU_NOT_FOUND);
    temp_dir_remove(&dir);
}

static void test_a_directory_gives_the_files_with_usual_names(void **state)
{
    struct temp_dir dir;
    struct genesis_set set;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(genesis_set_of_directory(dir.path, &set, &err), OU_NOT_FOUND);
    temp_file(&dir, "shelley.json", "{}");
    temp_file(&dir, "alonzo-genesis.json", "{}");
    temp_file(&dir, "genesis.conway.json", "{}");
    temp_file(&dir, "genesis-byron.json", "{}");
    assert_int_equal(genesis_set_of_directory(dir.path, &set, &err), OU_OK);
    for (int era = 0; era < GENESIS_DIJKSTRA; era++)
        assert_non_null(set.files[era]);
    assert_null(set.files[GENESIS_DIJKSTRA]);
    assert_null(set.config);
    genesis_set_release(&set);
    temp_dir_remove(&dir);
}

static void test_a_directory_with_too_long_a_path_is_refused(void **state)
{
    static char path[5000];
    struct genesis_set set;
    struct ou_error err = { 0 };

    (void)state;
    memset(path, 'a', sizeof path - 1);
    assert_int_equal(genesis_set_of_directory(path, &set, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "aaa...: the path is too long"));
}

static void test_a_directory_of_a_run_has_its_files_in_genesis(void **state)
{
    struct temp_dir dir;
    struct genesis_set set;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(mkdir(temp_path(&dir, "genesis"), 0700), 0);
    temp_file(&dir, "config.json", "{}");
    assert_int_equal(genesis_set_of_directory(dir.path, &set, &err), OU_NOT_FOUND);
    temp_file(&dir, "genesis/shelley.json", "{}");
    assert_int_equal(genesis_set_of_directory(dir.path, &set, &err), OU_OK);
    assert_string_equal(set.directory, temp_path(&dir, "genesis"));
    assert_string_equal(set.files[GENESIS_SHELLEY], temp_path(&dir, "genesis/shelley.json"));
    assert_null(set.config);
    genesis_set_release(&set);
    temp_file(&dir, "conway.json", "{}");
    assert_int_equal(genesis_set_of_directory(dir.path, &set, &err), OU_OK);
    assert_string_equal(set.directory, dir.path);
    assert_null(set.files[GENESIS_SHELLEY]);
    genesis_set_release(&set);
    temp_dir_remove(&dir);
}

static void test_the_table_has_every_era_and_loads(void **state)
{
    struct genesis_fields fields;
    struct ou_error err = { 0 };

    (void)state;
    if (genesis_fields_load(&fields, &err))
        fail_msg("%s", err.text);
    for (int era = 0; era < GENESIS_ERAS; era++)
        assert_true(fields.roots[era]->child_count > 0);
    assert_non_null(genesis_field_find(fields.roots[GENESIS_SHELLEY], span_of("systemStart")));
    assert_null(genesis_field_find(fields.roots[GENESIS_SHELLEY], span_of("systemstart")));
    genesis_fields_release(&fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_that_are_right_have_no_faults),
        cmocka_unit_test(test_files_of_public_networks_have_no_faults),
        cmocka_unit_test(test_each_fault_is_told_with_its_place_and_nothing_else),
        cmocka_unit_test(test_byron_and_shelley_must_agree),
        cmocka_unit_test(test_a_configuration_must_fit_the_files),
        cmocka_unit_test(test_a_configuration_that_is_no_object_is_refused),
        cmocka_unit_test(test_conway_files_of_older_nodes_have_remarks_only),
        cmocka_unit_test(test_of_findings_alike_a_hundred_are_told),
        cmocka_unit_test(test_eras_are_told_by_members),
        cmocka_unit_test(test_a_directory_gives_the_files_with_usual_names),
        cmocka_unit_test(test_a_directory_with_too_long_a_path_is_refused),
        cmocka_unit_test(test_a_directory_of_a_run_has_its_files_in_genesis),
        cmocka_unit_test(test_the_table_has_every_era_and_loads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
