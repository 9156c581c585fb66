//! A failure is shown as small as it gets, and can be had again.

use murmer_sim::{Failure, Fault, Menu, Recipe, Violation, run, shrink};

#[test]
fn what_one_fault_draws_changes_no_other() {
    for seed in 0..50 {
        let all = Menu::draw(&Recipe::new(seed));
        let less = Menu::draw(&Recipe::new(seed).without(&[Fault::Crash, Fault::Loss]));
        for fault in Fault::ALL {
            let is_out = matches!(fault, Fault::Crash | Fault::Loss);
            assert_eq!(
                less.strength(fault),
                if is_out { 0.0 } else { all.strength(fault) },
                "{seed} {fault}"
            );
        }
    }
}

#[test]
fn every_kind_of_fault_is_drawn_by_some_seeds_and_left_out_by_others() {
    let menus: Vec<_> = (0..300).map(|seed| Menu::draw(&Recipe::new(seed))).collect();
    for fault in Fault::ALL {
        let drawn = menus.iter().filter(|menu| menu.has(fault)).count();
        assert!((30..290).contains(&drawn), "{fault}: {drawn} of 300");
        assert_eq!(Fault::named(&fault.to_string()), Some(fault));
    }
    let tame = menus.iter().filter(|menu| menu.is_tame()).count();
    assert!((15..100).contains(&tame), "{tame} of 300 seeds are tame");
}

#[test]
fn a_recipe_that_does_not_fail_is_as_small_as_it_gets() {
    let recipe = Recipe::new(3).nodes(3).seconds(5);
    assert!(run(&recipe).is_ok());
    let violation = Violation { rule: "none such", what: String::new(), at: recipe.span() };
    let failure = Failure { menu: Menu::draw(&recipe), recipe, violation, events: String::new() };
    assert_eq!(shrink(failure.clone()), failure);
}
