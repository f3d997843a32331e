//! From a CSV file to a model that has been judged: what the program `train` does, step by step.

pub mod answer;
pub mod column;
pub mod data;
pub mod judge;
pub mod score;
pub mod search;
pub mod settings;
pub mod splits;
pub mod table;
pub mod target;
