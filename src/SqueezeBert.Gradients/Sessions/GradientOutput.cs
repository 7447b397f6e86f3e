using System.Runtime.InteropServices;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Inference;

namespace SqueezeBert.Gradients.Sessions;

/// <summary>
/// An output of a session for the batch of the last forward pass: its rows, and its gradient, to which losses add. Two names of the same
/// value are one output.
/// </summary>
internal sealed unsafe class GradientOutput
{
    private readonly Value _value;
    private readonly BatchState _state;
    private bool _hasGradient;

    internal GradientOutput(Value value, BatchState state)
    {
        _value = value;
        _state = state;
    }

    /// <summary>Channels of a row.</summary>
    public int Width => _value.Width;

    /// <summary>The output, until its gradient overwrites it.</summary>
    public NativeRows Rows => new(_value.Data, _state.RowCount(_value.Rows), Width);

    /// <summary>Whether the output depends on trained parameters.</summary>
    public bool HasParameters => _value.NeedsGradient;

    /// <summary>
    /// The gradient after a backward pass, if it was requested. It has no rows if the output does not depend on trained parameters.
    /// </summary>
    public NativeRows Gradient => HasParameters ? new(_value.Gradient, _state.RowCount(_value.Rows), Width) : default;

    private bool IsOverwritten => _value.GradientStorage == _value.DataStorage;

    /// <summary>Rows that the output will have for a batch.</summary>
    public int RowCount(PackedBatch batch) => BatchState.RowCount(_value.Rows, batch);

    /// <summary>Returns the rows for a loss without a gradient.</summary>
    public LossRows ForValue() => new(Rows.Data, Rows.Count, Width);

    /// <summary>
    /// Returns the rows for a loss with a gradient, which is added to those of previous losses. There is no gradient if the output does not
    /// depend on trained parameters.
    /// </summary>
    /// <exception cref="InvalidOperationException">The gradient has already overwritten the output.</exception>
    public LossRows ForGradient(double normaliser)
    {
        if (!HasParameters) return ForValue();
        if (_hasGradient && IsOverwritten)
            throw new InvalidOperationException("a second loss reads an output that was asked for as one that the first overwrites");
        var accumulate = _hasGradient;
        _hasGradient = true;
        return new LossRows(_value.Data, Rows.Count, Width, _value.Gradient, accumulate, normaliser);
    }

    /// <summary>Adds a known gradient, [rows, width], like a loss does.</summary>
    /// <exception cref="ArgumentException">The gradient has another size.</exception>
    /// <exception cref="InvalidOperationException">A gradient has already overwritten the output.</exception>
    public void AddGradient(ReadOnlySpan<float> gradient)
    {
        if (gradient.Length != Rows.Count * Width)
            throw new ArgumentException($"{gradient.Length} elements for [{Rows.Count}, {Width}]", nameof(gradient));
        var rows = ForGradient(1);
        if (rows.Gradient is null) return;
        for (var i = 0; i < gradient.Length; i++) rows.Gradient[i] = rows.Accumulate ? rows.Gradient[i] + gradient[i] : gradient[i];
    }

    internal void Begin() => _hasGradient = false;

    /// <summary>Sets the gradient to zero if no loss has added anything.</summary>
    internal void Complete()
    {
        if (_hasGradient || !HasParameters) return;
        NativeMemory.Clear(_value.Gradient, (nuint)Rows.Count * (nuint)Width * sizeof(float));
        _hasGradient = true;
    }
}
