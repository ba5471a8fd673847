use std::cell::RefCell;
use std::rc::Rc;
