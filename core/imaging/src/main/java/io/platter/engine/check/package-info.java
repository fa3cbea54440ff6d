/**
 * What is checked when all records of a file are seen in their order: by a verification, by a restore from a stream, and
 * where a file's end is searched for an image of which only the commit is missing.
 */
package io.platter.engine.check;
