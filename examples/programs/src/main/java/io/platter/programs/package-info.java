/** Programs of a page each, to start from. */
package io.platter.programs;
