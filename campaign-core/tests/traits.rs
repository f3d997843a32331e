//! The promises of the traits that only the compiler can check, and implementations by a stranger
//! used through `dyn`.

use campaign_core::ndarray::{ArrayView2, array};
use campaign_core::rand::{Rng, RngExt, SeedableRng};
use campaign_core::{
    Allocator, Arm, Bandit, Budget, Choice, Context, DriftReport, DriftState, DriftTest, Error,
    Feedback, Merge, MergeError, Model, Outcome, Problem, Response, Result, Scratch, Status,
};
use rand_chacha::ChaCha8Rng;

const fn send<T: Send + ?Sized>() {}
const fn sync<T: Sync + ?Sized>() {}
const fn copy<T: Copy + Send + Sync + 'static>() {}

// Naming `dyn Trait` is the assertion of object safety.
const _: () = {
    send::<dyn Model>();
    sync::<dyn Model>();
    send::<Box<dyn Model>>();
    send::<dyn Bandit>();
    sync::<dyn Bandit>();
    send::<dyn Allocator>();
    send::<dyn DriftTest>();
    copy::<Error>();
    copy::<Outcome>();
    copy::<Status>();
    copy::<MergeError>();
    copy::<Choice>();
    copy::<Arm>();
    copy::<DriftReport>();
    send::<Scratch>();
    sync::<Context<'static>>();
    sync::<Problem<'static>>();
    sync::<campaign_core::Record>();
};

#[cfg(feature = "serde")]
const _: () = {
    send::<campaign_core::Decision>();
    sync::<campaign_core::Decision>();
    send::<campaign_core::DecisionLog>();
    sync::<campaign_core::DecisionLog>();
};

/// Doubles the first column.
struct Doubler;

impl Model for Doubler {
    fn n_features(&self) -> usize {
        2
    }
    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        let rows = campaign_core::model::rows(&x, 2, out.len())?;
        for (row, out) in rows.chunks_exact(2).zip(out) {
            *out = 2.0 * row[0];
        }
        Ok(())
    }
}

#[test]
fn a_boxed_model_predicts_on_another_thread() {
    let model: Box<dyn Model> = Box::new(Doubler);
    let x = array![[1.0, 9.0], [f64::NAN, 9.0]];
    let answer = std::thread::scope(|s| s.spawn(|| model.predict(x.view())).join().unwrap());
    let answer = answer.unwrap();
    assert_eq!(answer[0], 2.0);
    assert!(answer[1].is_nan());
    assert_eq!(model.predict(x.t()).unwrap_err(), Error::Layout);
    let mut short = [0.0; 1];
    let error = model.predict_into(x.view(), &mut short).unwrap_err();
    assert_eq!(error, Error::Length { what: "out", got: 1, expected: 2 });
}

/// Counts plays and plays any arm alike.
#[derive(Debug, Clone, PartialEq)]
struct Counts(Vec<f64>);

impl Bandit for Counts {
    fn n_arms(&self) -> usize {
        self.0.len()
    }
    fn scratch(&self) -> Scratch {
        Scratch::new(self.0.len())
    }
    fn select(&self, c: &Context<'_>, rng: &mut dyn Rng, s: &mut Scratch) -> Result<Arm> {
        c.check(self.0.len(), 0)?;
        s.take(self.0.len())?;
        Ok(Arm(rng.random_range(0..self.0.len() as u32)))
    }
    fn probabilities_into(&self, _: &Context<'_>, _: &mut Scratch, out: &mut [f64]) -> Result<()> {
        out.fill(1.0 / self.0.len() as f64);
        Ok(())
    }
    fn update(&mut self, feedback: &Feedback<'_>) -> Result<()> {
        feedback.check(self.0.len(), 0)?;
        self.0[feedback.arm.index()] += feedback.weight;
        Ok(())
    }
}

impl Merge for Counts {
    fn merge(&mut self, other: &Self) -> core::result::Result<(), MergeError> {
        let (ours, theirs) = (self.0.len(), other.0.len());
        if ours != theirs {
            return Err(MergeError::Shape { what: "arms", ours, theirs });
        }
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a += b);
        Ok(())
    }
}

#[test]
fn threads_share_a_bandit_and_merge_what_they_learnt() {
    let bandit: Box<dyn Bandit> = Box::new(Counts(vec![0.0; 3]));
    let arms: Vec<Arm> = std::thread::scope(|scope| {
        let play = |seed| {
            let bandit = &bandit;
            scope.spawn(move || {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                bandit.select(&Context::none(), &mut rng, &mut bandit.scratch())
            })
        };
        let threads: Vec<_> = (0..4).map(play).collect();
        threads.into_iter().map(|t| t.join().unwrap().unwrap()).collect()
    });
    let (mut whole, mut left, mut right) =
        (Counts(vec![0.0; 3]), Counts(vec![0.0; 3]), Counts(vec![0.0; 3]));
    for (index, &arm) in arms.iter().enumerate() {
        let feedback = Feedback::new(arm, 1.0);
        whole.update(&feedback).unwrap();
        if index < 2 { &mut left } else { &mut right }.update(&feedback).unwrap();
    }
    left.merge(&right).unwrap();
    assert_eq!(left, whole);
    assert!(left.merge(&Counts(vec![0.0; 2])).is_err());
    let mut small = Scratch::new(1);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let error = bandit.select(&Context::none(), &mut rng, &mut small).unwrap_err();
    assert_eq!(error, Error::Scratch { got: 1, needed: 3 });
}

/// Spends nothing, or says that it must.
struct Miser;

impl Allocator for Miser {
    fn allocate(&mut self, problem: &Problem<'_>, spend: &mut [f64]) -> Result<Outcome> {
        problem.check(spend)?;
        if matches!(problem.budget, Budget::Exactly(_)) {
            spend.fill(f64::NAN);
            return Ok(Outcome::without_plan(Status::Infeasible));
        }
        spend.fill(0.0);
        Ok(Outcome::new(Status::Stopped, 0.0, 0.0, f64::NAN))
    }
}

#[test]
fn an_allocator_moves_into_a_thread_and_infeasible_is_an_answer() {
    let mut allocator: Box<dyn Allocator> = Box::new(Miser);
    let (spend, status) = std::thread::spawn(move || {
        let mut spend = [1.0];
        let response = Response::Linear(&[2.0]);
        let problem = Problem::new(Budget::Exactly(5.0), &[0.0], &[9.0], response);
        let status = allocator.allocate(&problem, &mut spend).map(|outcome| outcome.status);
        assert!(allocator.conflicts().is_empty());
        (spend, status)
    })
    .join()
    .unwrap();
    assert_eq!(status, Ok(Status::Infeasible));
    assert!(spend[0].is_nan());
}

/// Alarms at the first negative number.
#[derive(Default)]
struct Negative(DriftReport);

impl DriftTest for Negative {
    fn observe(&mut self, x: f64) -> Result<DriftState> {
        campaign_core::error::check_finite("x", &[x])?;
        let latched = self.0.state == DriftState::Drift;
        let state = if latched || x < 0.0 { DriftState::Drift } else { DriftState::Stable };
        self.0 = DriftReport::new(state, x, 0.0, self.0.n + 1);
        Ok(state)
    }
    fn report(&self) -> DriftReport {
        self.0
    }
    fn reset(&mut self) {
        self.0 = DriftReport::default();
    }
}

#[test]
fn a_boxed_drift_test_latches_until_reset() {
    let mut tests: Vec<Box<dyn DriftTest>> = vec![Box::new(Negative::default())];
    let test = &mut tests[0];
    assert_eq!(test.report().state, DriftState::Warmup);
    assert_eq!(test.observe(-1.0), Ok(DriftState::Drift));
    assert!(test.observe(f64::NAN).is_err());
    assert_eq!((test.observe(1.0), test.report().n), (Ok(DriftState::Drift), 2));
    test.reset();
    assert_eq!(test.observe(1.0), Ok(DriftState::Stable));
}
