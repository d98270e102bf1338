//! Functions of elements' bits, angles that go on, bytes as other elements, entries at places.

use super::elementwise::Operand;
use super::typed::Array;
use crate::dtype::{Element, Integer, Real};
use crate::error::Result;
use crate::functions::{self, Axes};

impl<T: Integer> Array<T> {
    /// The largest integers that divide both: see [`functions::gcd`](crate::functions::gcd).
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn gcd(&self, rhs: impl Operand<T>) -> Result<Self> {
        functions::gcd(self.as_dyn(), rhs.operand().as_dyn()).map(Self::wrap)
    }
    /// The smallest integers that both divide: see [`functions::lcm`](crate::functions::lcm).
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn lcm(&self, rhs: impl Operand<T>) -> Result<Self> {
        functions::lcm(self.as_dyn(), rhs.operand().as_dyn()).map(Self::wrap)
    }
}

impl<T: Real> Array<T> {
    /// `self · 2^n`, rounded once: see [`functions::ldexp`](crate::functions::ldexp).
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn ldexp<I: Integer>(&self, n: impl Operand<I>) -> Result<Self> {
        functions::ldexp(self.as_dyn(), n.operand().as_dyn()).map(Self::wrap)
    }
    /// Fractions and powers of two: see [`DynArray::frexp`](crate::DynArray::frexp).
    ///
    /// # Errors
    /// None that can happen.
    pub fn frexp(&self) -> Result<(Self, Array<i32>)> {
        self.as_dyn().frexp().map(|(fractions, powers)| (Self::wrap(fractions), Array::wrap(powers)))
    }
    /// The numbers next to these on the side of others: see [`functions::nextafter`](crate::functions::nextafter).
    ///
    /// # Errors
    /// [`Error::Broadcast`](crate::Error::Broadcast).
    pub fn nextafter(&self, rhs: impl Operand<T>) -> Result<Self> {
        functions::nextafter(self.as_dyn(), rhs.operand().as_dyn()).map(Self::wrap)
    }
    /// The distances to the next numbers: see [`DynArray::spacing`](crate::DynArray::spacing).
    ///
    /// # Errors
    /// None that can happen.
    pub fn spacing(&self) -> Result<Self> {
        self.as_dyn().spacing().map(Self::wrap)
    }
    /// The modified Bessel function of order 0: see [`DynArray::i0`](crate::DynArray::i0).
    ///
    /// # Errors
    /// None that can happen.
    pub fn i0(&self) -> Result<Self> {
        self.as_dyn().i0().map(Self::wrap)
    }
    /// Angles without jumps of a period: see [`DynArray::unwrap_phase`](crate::DynArray::unwrap_phase).
    ///
    /// # Errors
    /// [`Error::AxisOutOfRange`](crate::Error::AxisOutOfRange), [`Error::UnknownLength`](crate::Error::UnknownLength).
    pub fn unwrap_phase(&self, period: f64, discont: Option<f64>, axis: impl Into<Axes>) -> Result<Self> {
        self.as_dyn().unwrap_phase(period, discont, axis).map(Self::wrap)
    }
}

impl<T: Element> Array<T> {
    /// The bytes of the elements as those of another type: see [`DynArray::reinterpret`](crate::DynArray::reinterpret).
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// let x = gridloom::array([1.0f32, -2.0]);
    /// assert_eq!(x.reinterpret::<u32>()?.to_vec()?, [0x3f80_0000, 0xc000_0000]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn reinterpret<U: Element>(&self) -> Result<Array<U>> {
        self.as_dyn().reinterpret(U::DTYPE).map(Array::wrap)
    }
}
