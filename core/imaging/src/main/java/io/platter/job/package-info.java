/**
 * What all jobs have in common, as values: their {@link io.platter.job.JobControl control}, their options, their progress and
 * their reports.
 *
 * <p>Options and controls are immutable and may be used by any number of jobs at the same time. Reports and progress are
 * interfaces that only this library implements, so that they can grow.
 *
 * @since 0.1.0
 */
package io.platter.job;
