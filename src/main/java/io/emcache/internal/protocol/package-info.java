/**
 * Bytes to meaning and back, over memory segments and without copies: keys, the layout of a command in the ring, encoders
 * for the meta and the classic commands, and a parser that can be interrupted at every byte. Pure: no threads, no input or
 * output, no clock, no allocation on the way.
 */
package io.emcache.internal.protocol;
