//! The figures as recorders get them.
