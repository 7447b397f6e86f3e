using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders.Quantization;

namespace SqueezeBert.ModelFolders;

/// <summary>
/// Finds the parameters of a graph in a checkpoint, under any of the names that the checkpoint may use for them. Thread-safe.
/// </summary>
internal sealed class ModelWeights : IParameterSource
{
    private const int MaxNamesInMessage = 5;
    private readonly ITensorSource _tensors;
    private readonly QuantizedTensors? _quantized;
    private readonly string _file;
    private readonly TensorNames _spelling;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <param name="tensors">The tensors of the checkpoint. They are not disposed.</param>
    /// <param name="configuration">The configuration, which determines the names of the tensors.</param>
    /// <param name="file">The name of the file in messages.</param>
    public ModelWeights(ITensorSource tensors, ModelConfiguration configuration, string file)
    {
        _tensors = tensors;
        _quantized = tensors as QuantizedTensors;
        _file = file;
        _spelling = new TensorNames(SupportedArchitectures.Of(configuration), configuration.TieWordEmbeddings);
        foreach (var name in tensors.Names)
        {
            var canonical = _spelling.Canonical(name);
            if (!_names.TryAdd(canonical, name))
                throw new InvalidModelFileException(file, name, $"is the same parameter as '{_names[canonical]}'");
        }
    }

    /// <summary>Compares the tensors with the parameters of a graph, before anything is read or allocated.</summary>
    /// <exception cref="InvalidModelFileException">A tensor has another shape than its parameter.</exception>
    public WeightReport Check(IEnumerable<Parameter> parameters)
    {
        var missing = new List<string>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            if (TryFind(parameter.Name, out var info))
            {
                CheckShape(parameter, info);
                used.Add(info.Name);
            }
            else
            {
                missing.Add(parameter.Name);
            }
        }

        var unused = new List<string>();
        var ignored = new List<string>();
        foreach (var (canonical, name) in _names)
        {
            if (!used.Contains(name)) (_spelling.IsIgnored(canonical) ? ignored : unused).Add(name);
        }

        return new WeightReport(missing, unused, ignored);
    }

    /// <summary>Like <see cref="Check"/>, but every parameter must exist.</summary>
    /// <exception cref="InvalidModelFileException">A parameter is missing or its tensor has another shape.</exception>
    public WeightReport Require(IEnumerable<Parameter> parameters)
    {
        var report = Check(parameters);
        if (report.Missing.Count == 0) return report;
        var more = report.Missing.Count > MaxNamesInMessage ? $" and {report.Missing.Count - MaxNamesInMessage} more" : "";
        throw new InvalidModelFileException(
            _file,
            report.Missing[0],
            report.Missing.Count == 1
                ? "is missing; the file does not hold the model that config.json describes"
                : $"is missing, as are {string.Join(", ", report.Missing.Skip(1).Take(MaxNamesInMessage - 1))}{more}; the file does not " +
                    "hold the model that config.json describes");
    }

    /// <summary>Looks up a parameter by its name in the graph.</summary>
    public bool TryFind(string parameterName, [NotNullWhen(true)] out TensorInfo? info)
    {
        var canonical = _spelling.Canonical(parameterName);
        info = null;
        return (_names.TryGetValue(canonical, out var name)
            || (_spelling.Tied(canonical) is { } tied && _names.TryGetValue(tied, out name)))
            && _tensors.TryGetTensor(name, out info);
    }

    /// <inheritdoc/>
    public bool ComputesInInt8 => _quantized is { HasActivations: true };

    /// <inheritdoc/>
    public StoredForm FormOf(Parameter parameter) =>
        _quantized is not null && TryFind(parameter.Name, out var info) ? _quantized.FormOf(info.Name) : StoredForm.Float32;

    /// <inheritdoc/>
    public void ReadRows(Parameter parameter, Span<byte> rows, Span<float> scales)
    {
        if (!TryFind(parameter.Name, out var info)) throw new InvalidModelFileException(_file, parameter.Name, "is missing");
        CheckShape(parameter, info);
        _quantized!.ReadRows(info.Name, rows, scales);
    }

    /// <inheritdoc/>
    public void Read(Parameter parameter, Span<float> destination)
    {
        if (!TryFind(parameter.Name, out var info)) throw new InvalidModelFileException(_file, parameter.Name, "is missing");
        CheckShape(parameter, info);
        if (parameter.Kind == ParameterKind.Weight && info.Type is not (TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32
            or TensorType.Float64))
        {
            throw new InvalidModelFileException(_file, info.Name,
                $"holds {info.Type} and has no scales beside it, so that its numbers are not known; save the model in float32");
        }

        _tensors.ReadFloats(info.Name, destination);
        if (FiniteValues.FirstOther(destination, parameter.Kind == ParameterKind.Bias) is var place and >= 0)
        {
            throw new InvalidModelFileException(
                _file, info.Name,
                FormattableString.Invariant($"element {place} is {destination[place]}, not a number to compute with; the checkpoint is ") +
                    "damaged, or its training failed");
        }

        if (parameter.Kind == ParameterKind.RowNumber) CheckRowNumbers(parameter, info.Name, destination);
    }

    // Look-ups follow these numbers without another check.
    private void CheckRowNumbers(Parameter parameter, string name, ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] >= 0 && values[i] < parameter.RowLimit && values[i] == (int)values[i]) continue;
            throw new InvalidModelFileException(_file, name, string.Create(CultureInfo.InvariantCulture,
                $"maps token {i} to row {values[i]}; the table has the rows 0 to {parameter.RowLimit - 1}"));
        }
    }

    private void CheckShape(Parameter parameter, TensorInfo info)
    {
        var isSame = info.Shape.Length == parameter.Shape.Count;
        for (var i = 0; isSame && i < info.Shape.Length; i++) isSame = info.Shape[i] == parameter.Shape[i];
        if (isSame) return;
        throw new InvalidModelFileException(
            _file, info.Name, $"has shape [{string.Join(", ", info.Shape)}]; config.json asks for [{string.Join(", ", parameter.Shape)}]");
    }
}
