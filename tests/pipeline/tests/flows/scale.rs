//! What is asked of a large administration costs what it costs of a small one.

use pipeline::Size;

#[tokio::test]
async fn requests_and_decisions_cost_the_same_whatever_the_size() {
    let (small, larger) = (Size::SMALL.costs().await, Size::MIDDLE.costs().await);
    assert_eq!(small.len(), larger.len());
    for (larger, small) in larger.iter().zip(&small) {
        assert!(larger.is_like(small), "{larger:?}, and with a tenth of the documents {small:?}");
    }
}
