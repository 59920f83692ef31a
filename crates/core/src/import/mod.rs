//! Reading users from the files of other systems.
