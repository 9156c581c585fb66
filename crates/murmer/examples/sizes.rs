use murmer::prelude::*;
struct Counter;
impl Actor for Counter {
    type State = u64;
}
#[handlers]
impl Counter {
    #[handler]
    fn add(&mut self, s: &mut u64, n: u64) {
        *s += n;
    }
    #[handler]
    fn sum(&mut self, s: &mut u64) -> u64 {
        *s
    }
}
#[tokio::main]
async fn main() {
    let info = allocation_counter::measure(|| {});
    let _ = info;
    let system = System::local();
    system.start("a", Counter, 0);
    let i = allocation_counter::measure(|| {
        for n in 0..1000 {
            system.start(&format!("label/{n}"), Counter, 0);
        }
    });
    println!("{} allocs {} bytes per start", i.count_total / 1000, i.bytes_current / 1000);
    println!("envelope {}", std::mem::size_of::<CounterEnvelope>());
    let _ = system.shutdown().await;
}
