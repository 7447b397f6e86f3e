namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>
/// The few vector operations of an int8 product of 16-bit words, so that a tile is written once for both widths of vectors.
/// It multiplies half as often as it would term by term, by an identity of Winograd's:
/// (x0 + w1)·(x1 + w0) = x0·w0 + x1·w1 + x0·x1 + w0·w1.
/// The last two products depend on the row alone and on the column alone, and are subtracted once for each. Where an addition has more
/// units than a multiplication, that is faster, and elsewhere it is as fast. The sums x + w need nine bits and are exact. The sums of
/// products may pass the limits of an int on the way, but what is left in the end fits, and integers that wrap around come back.
/// </summary>
/// <typeparam name="TVector">
/// The vector type. It is used without a wrapper, so that the compiler reliably keeps each accumulator in a register.
/// </typeparam>
internal unsafe interface IWordSimd<TVector>
    where TVector : struct
{
    /// <summary>The number of sums of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of the highest tile of 16 columns.</summary>
    static abstract int MaximumHeight { get; }

    static abstract TVector Load(byte* address);

    static abstract TVector Broadcast(int value);

    static abstract void Store(int* address, TVector sums);

    /// <summary>Adds words of 32 bits.</summary>
    static abstract TVector Add(TVector x, TVector y);

    /// <summary>sum + (x0 + w1)·(x1 + w0) + (x2 + w3)·(x3 + w2), given (x0, x2), (x1, x3), (w0, w2) and (w1, w3) in each lane.</summary>
    static abstract TVector MultiplyAdd(TVector firstX, TVector secondX, TVector firstW, TVector secondW, TVector sum);

    /// <summary>Prefetches a cache line into the second-level cache. Any address is allowed.</summary>
    static abstract void Prefetch(byte* address);
}
