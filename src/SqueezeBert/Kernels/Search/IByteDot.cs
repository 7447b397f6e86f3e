namespace SqueezeBert.Kernels.Search;

/// <summary>The few vector operations of a dot product of signed bytes, so that its loop is written for all instruction sets.</summary>
/// <typeparam name="TVector">Sums of 32 bits.</typeparam>
internal unsafe interface IByteDot<TVector>
    where TVector : struct
{
    /// <summary>Bytes of a row that an operation takes; twice as many divide <see cref="Int8Dots.RowMultiple"/>.</summary>
    static abstract int Count { get; }

    /// <summary>Whether rows are taken as 128 more than they are, which the sum of the query makes up for.</summary>
    static abstract bool IsBiased { get; }

    /// <summary>sums + row · query, some products to a sum.</summary>
    /// <param name="sums">So far.</param>
    /// <param name="row">Signed bytes.</param>
    /// <param name="bytes">The query as signed bytes.</param>
    /// <param name="words">The query as words.</param>
    static abstract TVector MultiplyAdd(TVector sums, sbyte* row, sbyte* bytes, short* words);

    /// <summary>The sum of all sums of both.</summary>
    static abstract int Total(TVector x, TVector y);
}
