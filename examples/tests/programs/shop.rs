//! A node with a shop, in builds that differ in one of its messages. It asks other shops when it is told to.
//!
//! Each line of its input is the name of a shop, here or on another node. It asks that one for everything,
//! and prints what came of each question, in one line. Doesn't know which build it is in: the type in the
//! macro's parameter is all the difference.

/// The whole program, with `$stars` as the type of what a rating is given in.
macro_rules! shop {
    ($stars:ty) => {
        use std::io::BufRead as _;
        use std::time::Duration;

        use murmer::cluster::config::ClusterConfig;
        use murmer::prelude::*;

        struct Shop;

        impl Actor for Shop {
            type State = Vec<u64>;
        }

        #[handlers(name = "shop::Shop")]
        impl Shop {
            #[handler]
            fn price(&mut self, item: String) -> u64 {
                item.len() as u64
            }

            #[handler]
            fn rate(&mut self, state: &mut Vec<u64>, stars: $stars) -> usize {
                state.push(u64::from(stars));
                state.len()
            }

            #[handler]
            fn ratings(&mut self, state: &mut Vec<u64>) -> Vec<u64> {
                state.clone()
            }
        }

        struct Bell;

        impl Actor for Bell {
            type State = u64;
        }

        #[handlers(name = "shop::Bell")]
        impl Bell {
            #[handler]
            fn ring(&mut self, state: &mut u64) -> u64 {
                *state += 1;
                *state
            }
        }

        #[tokio::main(flavor = "current_thread")]
        async fn main() -> anyhow::Result<()> {
            let args: Vec<_> = std::env::args().skip(1).collect();
            let [how, name, port, seeds @ ..] = &args[..] else { anyhow::bail!("HOW NAME PORT [SEED]") };
            let seeds = seeds.iter().map(|seed| seed.parse()).collect::<Result<Vec<_>, _>>()?;
            let listen = std::net::SocketAddr::from(([127, 0, 0, 1], port.parse()?));
            let config = ClusterConfig::builder().name(name).listen(listen).seed_nodes(seeds);
            let config = config.cookie("of all the shops in this street").build()?;
            let system = match &how[..] {
                "auto" => System::clustered_auto(config).await?,
                _ => System::clustered(config).await?,
            };
            system.start(&format!("shop of {name}"), Shop, Vec::new());
            system.start(&format!("bell of {name}"), Bell, 0);
            println!("open");
            let (lines, mut asked) = tokio::sync::mpsc::channel(1);
            std::thread::spawn(move || {
                for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                    if lines.blocking_send(line).is_err() {
                        return;
                    }
                }
            });
            while let Some(whose) = asked.recv().await {
                println!("{}", ask(&system, &whose).await?);
            }
            system.shutdown().await;
            Ok(())
        }

        /// What comes of every question to the shop and the bell of one node.
        async fn ask(system: &System, whose: &str) -> anyhow::Result<String> {
            let within = Duration::from_secs(10);
            let shop = system.lookup_wait::<Shop>(&format!("shop of {whose}"), within).await;
            let bell = system.lookup_wait::<Bell>(&format!("bell of {whose}"), within).await;
            let (Some(shop), Some(bell)) = (shop, bell) else { return Ok("not found".into()) };
            let price = shop.price("soap".into()).await?;
            let rate = match shop.rate(5).await {
                Ok(count) => format!("rating {count}"),
                Err(SendError::SchemaMismatch { actor_type, message }) => {
                    format!("{actor_type} has another {message}")
                }
                Err(error) => format!("{error}, {:?}", error.delivery()),
            };
            let told = shop.rate(4).tell().await.is_ok();
            let ratings = shop.ratings().await?;
            let rings = bell.ring().await?;
            let again = shop.price("a towel".into()).await?;
            Ok(format!("{price}, {rate}, told {told}, {ratings:?}, ring {rings}, {again}"))
        }
    };
}
