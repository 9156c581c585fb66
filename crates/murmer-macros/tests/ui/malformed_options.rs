use murmer_macros::handlers;

struct Room0;
struct Room1;
struct Room2;
struct Room3;
struct Room4;
struct Room5;
struct Room6;
struct Room7;

#[handlers(name)]
impl Room0 {
    #[handler]
    fn post(&self) {}
}

#[handlers(name = 3)]
impl Room1 {
    #[handler]
    fn post(&self) {}
}

#[handlers(name = "")]
impl Room2 {
    #[handler]
    fn post(&self) {}
}

#[handlers(name = "a\nb")]
impl Room3 {
    #[handler]
    fn post(&self) {}
}

#[handlers(name = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
impl Room4 {
    #[handler]
    fn post(&self) {}
}

#[handlers(crate = "murmer_core")]
impl Room5 {
    #[handler]
    fn post(&self) {}
}

#[handlers(local, local)]
impl Room6 {
    #[handler]
    fn post(&self) {}
}

#[handlers(local name = "x")]
impl Room7 {
    #[handler]
    fn post(&self) {}
}

fn main() {}
