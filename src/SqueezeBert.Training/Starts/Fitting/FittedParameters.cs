using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>The parameters of a student as they are found, by the names of a bare encoder.</summary>
internal sealed class FittedParameters : IParameterSource
{
    private readonly Dictionary<string, float[]> _values = new(StringComparer.Ordinal);

    public float[] this[string name]
    {
        get => _values[name];
        set => _values[name] = value;
    }

    public void Read(Parameter parameter, Span<float> destination) => _values[parameter.Name].CopyTo(destination);
}
