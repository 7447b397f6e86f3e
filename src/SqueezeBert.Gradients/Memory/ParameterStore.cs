using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Memory;

namespace SqueezeBert.Gradients.Memory;

/// <summary>
/// The values and gradients of a model's parameters in two blocks of native memory. The parameters follow each other, and each begins at a
/// multiple of 16 elements. The elements between two parameters are zero and remain so. Frozen parameters come last and have no gradient.
/// </summary>
internal sealed unsafe class ParameterStore : IDisposable
{
    private readonly Dictionary<Parameter, long> _offsets = [];
    private readonly NativeBuffer _values;
    private readonly NativeBuffer _gradients;
    private long _valueLength;

    /// <param name="parameters">The parameters, without duplicates.</param>
    /// <param name="isFrozen">Selects the parameters that keep their values and have no gradient. Null selects none.</param>
    public ParameterStore(IReadOnlyList<Parameter> parameters, Func<Parameter, bool>? isFrozen = null)
    {
        Parameters = parameters;
        Trainable = isFrozen is null ? parameters : [.. parameters.Where(parameter => !isFrozen(parameter))];
        foreach (var parameter in Trainable) Place(parameter);
        Length = _valueLength;
        foreach (var parameter in parameters)
        {
            if (!_offsets.ContainsKey(parameter)) Place(parameter);
        }

        _values = new NativeBuffer(NativeBuffer.BytesOf(_valueLength));
        _gradients = Allocate();
    }

    /// <summary>All parameters, in the order they were given.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The parameters that are not frozen, in the order they were given.</summary>
    public IReadOnlyList<Parameter> Trainable { get; }

    /// <summary>The number of elements of a block of all trainable parameters, including those between parameters.</summary>
    public long Length { get; }

    /// <summary>The block of values. The trainable ones come first, with the layout of their gradients.</summary>
    public float* AllValues => _values.Floats;

    /// <summary>The block of gradients.</summary>
    public float* AllGradients => _gradients.Floats;

    /// <summary>Returns the offset of a parameter in a block.</summary>
    public long Offset(Parameter parameter) => _offsets[parameter];

    public float* Values(Parameter parameter) => _values.Floats + _offsets[parameter];

    /// <summary>Null for a frozen parameter.</summary>
    public float* Gradients(Parameter parameter) => IsTrainable(parameter) ? _gradients.Floats + _offsets[parameter] : null;

    public bool IsTrainable(Parameter parameter) => _offsets[parameter] < Length;

    /// <summary>The values as a span: parameters have fewer than 2³¹ elements.</summary>
    public Span<float> ValueSpan(Parameter parameter) => new(Values(parameter), checked((int)parameter.Length));

    /// <summary>Empty for a frozen parameter.</summary>
    public Span<float> GradientSpan(Parameter parameter) =>
        IsTrainable(parameter) ? new(Gradients(parameter), checked((int)parameter.Length)) : [];

    /// <summary>Allocates another block of <see cref="Length"/> zeros (for a moment or a copy), which belongs to the caller.</summary>
    public NativeBuffer Allocate() => new(NativeBuffer.BytesOf(Length));

    public void Dispose()
    {
        _values.Dispose();
        _gradients.Dispose();
    }

    private void Place(Parameter parameter)
    {
        _offsets.Add(parameter, _valueLength);
        _valueLength += (parameter.Length + 15) & ~15L;
    }
}
