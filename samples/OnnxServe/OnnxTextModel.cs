using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

/// <summary>
/// A model of this library's folders, written as an ONNX file and run by ONNX Runtime. The texts of a call are padded to the longest of
/// them. Thread-safe.
/// </summary>
internal sealed class OnnxTextModel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-onnx-").FullName;
    private readonly RunOptions _options = new();
    private readonly SemaphoreSlim _turns;
    private readonly InferenceSession _session;
    private readonly BertTokenizer _tokenizer;
    private readonly EncodingOptions _encoding;

    /// <param name="path">The model's folder, or its ONNX file.</param>
    /// <param name="threads">Threads of a run; as many runs go on at a time as cores allow.</param>
    public OnnxTextModel(string path, int threads)
    {
        var file = Path.Combine(_folder, "model.onnx");
        using (var model = ModelFolder.Open(path))
        {
            IsClassifier = model.Configuration.Architectures.Any(
                name => name.EndsWith("ForSequenceClassification", StringComparison.Ordinal));
            Labels = model.Configuration.Labels;
            model.SaveOnnx(file, IsClassifier ? null : new OnnxOptions { Pooling = SentencePooling.Mean, Normalize = true });
            _encoding = new EncodingOptions { MaxLength = model.Configuration.MaxPositionEmbeddings, ReturnOffsets = false };
        }

        using var options = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        _session = new InferenceSession(file, options);
        _tokenizer = BertTokenizer.Load(path);
        _turns = new SemaphoreSlim(Math.Max(1, Environment.ProcessorCount / threads));
    }

    /// <summary>Whether the model has labels; otherwise it has vectors.</summary>
    public bool IsClassifier { get; }

    /// <summary>The labels' names.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>A row for each text: probabilities of the labels, or a vector of length 1.</summary>
    public async Task<float[][]> RunAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var encodings = texts.Select(text => _tokenizer.Encode(text, _encoding)).ToList();
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return Run(encodings);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
        _turns.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private float[][] Run(List<TextEncoding> encodings)
    {
        var length = encodings.Max(encoding => encoding.Length);
        long[] ids = new long[encodings.Count * length], mask = new long[ids.Length], types = new long[ids.Length];
        for (var text = 0; text < encodings.Count; text++)
        {
            for (var i = 0; i < encodings[text].Length; i++)
            {
                var at = (text * length) + i;
                (ids[at], mask[at], types[at]) = (encodings[text].Ids[i], 1, encodings[text].TypeIds[i]);
            }
        }

        long[] shape = [encodings.Count, length];
        var inputs = _session.InputNames.Select(name => OrtValue.CreateTensorValueFromMemory(
            name switch { "input_ids" => ids, "attention_mask" => mask, _ => types }, shape)).ToList();
        using var results = _session.Run(_options, _session.InputNames, inputs, [IsClassifier ? "logits" : "sentence_embedding"]);
        foreach (var input in inputs) input.Dispose();
        var values = results[0].GetTensorDataAsSpan<float>();
        var rows = new float[encodings.Count][];
        var width = values.Length / rows.Length;
        for (var text = 0; text < rows.Length; text++)
        {
            rows[text] = values.Slice(text * width, width).ToArray();
            if (IsClassifier) TensorPrimitives.SoftMax<float>(rows[text], rows[text]);
        }

        return rows;
    }
}
