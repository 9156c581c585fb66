//! The contract of the seam, against every implementor, and over a bad line.

mod quic {
    murmer_transport::contract_suite!(crate::bed::QuicBed);
}
mod quic_on_a_bad_line {
    murmer_transport::contract_suite!(crate::bed::BadLineBed);
}
mod mem {
    murmer_transport::contract_suite!(crate::bed::MemBed);
}
mod mem_on_a_bad_line {
    murmer_transport::contract_suite!(crate::bed::BadMemBed);
}
