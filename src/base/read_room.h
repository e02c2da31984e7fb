#ifndef OUROSCOPE_BASE_READ_ROOM_H
#define OUROSCOPE_BASE_READ_ROOM_H

#define READ_ROOM_BYTES 65536u

/* Where all connections of this thread read into: what arrives is taken, or copied, before the next read. One for each connection
 * would be most of the memory of an idle program; a variable of each thread would be zeroed, and so be there, for those that
 * never read. READ_ROOM_BYTES, made at the first call, freed when the thread ends; NULL: no memory. */
char *read_room(void);

#endif
