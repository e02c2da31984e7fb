/* The parts of the configuration's reader. For config*.c only. */
#ifndef OU_COLLECT_CONFIG_INSIDE_H
#define OU_COLLECT_CONFIG_INSIDE_H

#include "collect/config.h"
#include "collect/settings.h"

/* Words by the value of their enum, NULL at the end. */
extern const char *const config_mode_words[];       /* enum log_mode */
extern const char *const config_format_words[];     /* enum log_format */
extern const char *const config_verbosity_words[];  /* enum collector_verbosity */
extern const char *const config_durability_words[]; /* enum log_durability */
extern const char *const config_unwritable_words[]; /* enum log_unwritable */
extern const char *const config_names_words[];      /* enum metric_names */
extern const char *const config_severity_words[];   /* 0..7 */

/* Of the member `ouroscope`, NULL at the end. */
extern const char *const config_our_members[];

/* cardano-tracer's members, those that are about the network and forwarding, and ours. root is the whole file. */
void config_read_tracer(struct settings *s, const struct config_node *root,
                        struct collector_config *c);
void config_read_network(struct settings *s, const struct config_node *network,
                         struct collector_network *ret);
void config_read_forwarding(struct settings *s, const struct config_node *root,
                            struct collector_forwarding *ret);
void config_read_ours(struct settings *s, const struct config_node *root,
                      struct collector_config *c);

/* An object of texts; numbers and truth values count as their text. */
void config_read_pairs(struct settings *s, const struct config_node *map, const char *what,
                       struct name_pairs *ret);

#endif
