using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders.Quantization;
using SqueezeBert.Tokenization;

namespace SqueezeBert.ModelFolders.Conversion;

/// <summary>
/// The mean of the weights of several models of one shape. Where they were trained from the same start, the mean often has what each of
/// them has learnt ("model soup": Wortsman and others, 2022, arXiv 2203.05482). Disposing closes the other models, but not the first.
/// </summary>
internal sealed class AveragedWeights : IDisposable
{
    private readonly ModelWeights _first;
    private readonly List<ModelFolder> _others = [];
    private float[] _values = [];
    private double[] _sums = [];

    /// <summary>Opens the other models and checks that they fit.</summary>
    /// <param name="first">The first model, which stays open.</param>
    /// <param name="others">The paths of the other models. Without any, the weights are those of the first.</param>
    /// <param name="parameters">The parameters of the model.</param>
    /// <param name="tokenizer">The tokenizer of the first model, or null for none.</param>
    /// <exception cref="InvalidModelFileException">
    /// Another model is of another shape, has other labels or pieces, or is quantized.
    /// </exception>
    public AveragedWeights(ModelFolder first, IReadOnlyList<string> others, IReadOnlyList<Parameter> parameters, BertTokenizer? tokenizer)
    {
        _first = first.Weights;
        try
        {
            foreach (var path in others)
            {
                var location = ModelLocation.Of(path);
                var sentence = new SentenceConversion(location.Folder, new ConversionOptions());
                var model = ModelFolder.Open(File.Exists(path) ? path : Path.Combine(path, sentence.EncoderFolder));
                _others.Add(model);
                Check(first, model, location.Folder, tokenizer);
                model.Weights.Require(parameters);
            }

            if (_others.Count > 0 && first.Tensors is QuantizedTensors) throw Quantized(first);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Reads the mean of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="values">Receives its elements.</param>
    /// <exception cref="InvalidModelFileException">Whole numbers are not the same in all models.</exception>
    public void Read(Parameter parameter, float[] values)
    {
        _first.Read(parameter, values);
        if (_others.Count == 0) return;
        if (_values.Length != values.Length) (_values, _sums) = (new float[values.Length], new double[values.Length]);
        for (var i = 0; i < values.Length; i++) _sums[i] = values[i];
        foreach (var model in _others)
        {
            model.Weights.Read(parameter, _values);
            if (parameter.Kind == ParameterKind.RowNumber)
            {
                if (_values.AsSpan().SequenceEqual(values)) continue;
                throw new InvalidModelFileException(model.Path, parameter.Name, "has other row numbers than the first model");
            }

            for (var i = 0; i < values.Length; i++) _sums[i] += _values[i];
        }

        if (parameter.Kind == ParameterKind.RowNumber) return;
        for (var i = 0; i < values.Length; i++) values[i] = (float)(_sums[i] / (_others.Count + 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in _others) model.Dispose();
        _others.Clear();
    }

    private static void Check(ModelFolder first, ModelFolder other, string folder, BertTokenizer? tokenizer)
    {
        if (other.Tensors is QuantizedTensors) throw Quantized(other);
        if (first.Configuration.FirstDifference(other.Configuration) is { } field)
        {
            throw new InvalidModelFileException(other.Path, $"field '{field}'",
                $"has another value than in '{first.Path}'; only models of one shape and with the same labels can be averaged");
        }

        if (tokenizer is null) return;
        var theirs = BertTokenizer.Load(folder);
        var (pieces, theirPieces) = (tokenizer.Vocabulary, theirs.Vocabulary);
        if (theirs.Options.LowerCase == tokenizer.Options.LowerCase && theirPieces.Count == pieces.Count
            && Enumerable.Range(0, pieces.Count).All(id => theirPieces[id] == pieces[id])) return;
        throw new InvalidModelFileException(
            folder, null, $"has another vocabulary than '{first.Path}'; the mean of their tables would mean nothing");
    }

    private static InvalidModelFileException Quantized(ModelFolder model) =>
        new(model.Path, null, "is quantized; average the models that the quantized ones were made of", kind: ErrorKind.Unsupported);
}
