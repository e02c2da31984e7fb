/* Connections over TCP that last for days. */
#ifndef OU_BASE_TCP_H
#define OU_BASE_TCP_H

/* What is written goes out at once, and a machine that has gone without a word is noticed after about a minute, whether
 * there is something to send or not. A socket of another kind is left as it is. Any thread. */
void tcp_tune(int fd);

#endif
