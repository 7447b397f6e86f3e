using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Memory;

namespace SqueezeBert.Gradients.Operations;

/// <summary>A bias and the place of its gradient: a parameter, or the first elements of one that is followed by constants.</summary>
internal sealed unsafe class BiasVector : IDisposable
{
    private readonly FilledAfter? _filled;
    private readonly NativeBuffer? _memory;
    private readonly float* _source;

    /// <exception cref="NotSupportedException">An expression of a kind that has no gradient.</exception>
    public BiasVector(ParameterExpression bias, ParameterStore parameters)
    {
        _filled = bias as FilledAfter;
        var parameter = _filled?.Parameter ?? bias as Parameter
            ?? throw new NotSupportedException($"a bias that is a {bias.GetType().Name} has no gradient");
        Values = _source = parameters.Values(parameter);
        Gradients = parameters.Gradients(parameter);
        TrainedCount = _filled?.Kept ?? checked((int)parameter.Length);
        if (_filled is null) return;
        _memory = new NativeBuffer(NativeBuffer.BytesOf(parameter.Length));
        Values = _memory.Floats;
    }

    public float* Values { get; }

    /// <summary>Null for a frozen parameter.</summary>
    public float* Gradients { get; }

    /// <summary>The number of first elements that are not constants.</summary>
    public int TrainedCount { get; }

    /// <summary>Updates the vector from the parameter if it is not the parameter itself.</summary>
    public void Update()
    {
        if (_filled is null) return;
        new ReadOnlySpan<float>(_source, _filled.Kept).CopyTo(new Span<float>(Values, _filled.Kept));
        new Span<float>(Values + _filled.Kept, _filled.Rows - _filled.Kept).Fill(_filled.Value);
    }

    public void Dispose() => _memory?.Dispose();
}
