namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// The rows of an output that a loss is computed over, [<see cref="Count"/>, <see cref="Width"/>], and where its gradient goes.
/// </summary>
internal readonly unsafe struct LossRows
{
    /// <summary>Rows for which no gradient is wanted.</summary>
    public LossRows(float* data, int count, int width)
    {
        Data = data;
        Count = count;
        Width = width;
    }

    /// <param name="data">The output.</param>
    /// <param name="count">Rows.</param>
    /// <param name="width">Channels of a row.</param>
    /// <param name="gradient">[count, width]; may be <paramref name="data"/>, which is lost then.</param>
    /// <param name="accumulate">Whether to add to what the gradient holds.</param>
    /// <param name="normaliser">What Σ weight · loss is divided by before the gradient is taken.</param>
    public LossRows(float* data, int count, int width, float* gradient, bool accumulate, double normaliser)
        : this(data, count, width)
    {
        Gradient = gradient;
        Accumulate = accumulate;
        Normaliser = normaliser;
    }

    public float* Data { get; }

    public int Count { get; }

    public int Width { get; }

    /// <summary>Null where none is wanted.</summary>
    public float* Gradient { get; }

    public bool Accumulate { get; }

    public double Normaliser { get; }

    public float* Row(int row) => Data + ((long)row * Width);

    public float* GradientRow(int row) => Gradient + ((long)row * Width);
}
