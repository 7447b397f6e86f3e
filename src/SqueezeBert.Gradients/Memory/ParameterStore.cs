using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Memory;

namespace SqueezeBert.Gradients.Memory;

/// <summary>
/// The values and gradients of a model's parameters in two blocks of native memory, one parameter after another, each starting at a
/// multiple of 16 elements. The elements between two parameters are zero and stay so.
/// </summary>
internal sealed unsafe class ParameterStore : IDisposable
{
    private readonly Dictionary<Parameter, long> _offsets = [];
    private readonly NativeBuffer _values;
    private readonly NativeBuffer _gradients;

    public ParameterStore(IReadOnlyList<Parameter> parameters)
    {
        Parameters = parameters;
        long length = 0;
        foreach (var parameter in parameters)
        {
            _offsets.Add(parameter, length);
            length += (parameter.Length + 15) & ~15L;
        }

        Length = length;
        _values = Allocate();
        _gradients = Allocate();
    }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Elements of a block, those between parameters included.</summary>
    public long Length { get; }

    /// <summary>The block of values.</summary>
    public float* AllValues => _values.Floats;

    /// <summary>The block of gradients.</summary>
    public float* AllGradients => _gradients.Floats;

    /// <summary>Where a parameter starts in a block.</summary>
    public long Offset(Parameter parameter) => _offsets[parameter];

    public float* Values(Parameter parameter) => _values.Floats + _offsets[parameter];

    public float* Gradients(Parameter parameter) => _gradients.Floats + _offsets[parameter];

    /// <summary>The values as a span: parameters have fewer than 2³¹ elements.</summary>
    public Span<float> ValueSpan(Parameter parameter) => new(Values(parameter), checked((int)parameter.Length));

    public Span<float> GradientSpan(Parameter parameter) => new(Gradients(parameter), checked((int)parameter.Length));

    /// <summary>A further block of <see cref="Length"/> zeros (a moment, a copy), which belongs to the caller.</summary>
    public NativeBuffer Allocate() => new(NativeBuffer.BytesOf(Length));

    public void Dispose()
    {
        _values.Dispose();
        _gradients.Dispose();
    }
}
