namespace SqueezeBert.Kernels.Search;

/// <summary>The few vector operations of a dot product of signed bytes, so that its loop is written for all instruction sets.</summary>
/// <typeparam name="TVector">Sums of 32 bits.</typeparam>
internal unsafe interface IByteDot<TVector>
    where TVector : struct
{
    /// <summary>
    /// The number of bytes of a row that an operation reads. Twice this number divides <see cref="Int8Dots.RowMultiple"/>.
    /// </summary>
    static abstract int Count { get; }

    /// <summary>Whether rows are read as numbers that are 128 too large, for which the sum of the query compensates.</summary>
    static abstract bool IsBiased { get; }

    /// <summary>sums + row · query. Each sum adds some of the products.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="row">Signed bytes.</param>
    /// <param name="bytes">The query as signed bytes.</param>
    /// <param name="words">The query as words.</param>
    static abstract TVector MultiplyAdd(TVector sums, sbyte* row, sbyte* bytes, short* words);

    /// <summary>The sum of all sums of both.</summary>
    static abstract int Total(TVector x, TVector y);
}
