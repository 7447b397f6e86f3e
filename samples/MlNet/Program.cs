// A model as an ONNX file in a pipeline of ML.NET: this library's tokenizer, ApplyOnnxModel, and what else ML.NET does with vectors.
using Microsoft.ML;
using Microsoft.ML.Data;
using SqueezeBert;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertModel");
var file = Path.Combine(Directory.CreateTempSubdirectory("squeezebert-mlnet-").FullName, "model.onnx");
using (var folder = ModelFolder.Open(model.Path))
    folder.SaveOnnx(file, new OnnxOptions { Pooling = SentencePooling.Mean, Normalize = true });

// ML.NET runs a row at a time and wants all sizes: a text is padded to this length, and the mask says which tokens are its own.
const int Length = 32;
var tokenizer = BertTokenizer.Load(model.Path);
string[] texts = ["Hold the button for ten seconds to reset the device.", "The warranty covers two years.", "Reset by the button."];
var rows = texts.Select(text => tokenizer.Encode(text, new EncodingOptions { MaxLength = Length })).Select(encoding => new Tokens
{
    Ids = Padded(encoding.Ids),
    Mask = [.. Enumerable.Range(0, Length).Select(i => i < encoding.Length ? 1L : 0L)],
    Types = Padded(encoding.TypeIds),
});

var ml = new MLContext(seed: 1);
var data = ml.Data.LoadFromEnumerable(rows);
string[] inputs = ["input_ids", "attention_mask", "token_type_ids"];
var shapes = inputs.ToDictionary(name => name, _ => new[] { 1, Length });
var pipeline = ml.Transforms.ApplyOnnxModel(["sentence_embedding"], inputs, file, shapes, recursionLimit: 100)
    .Append(ml.Clustering.Trainers.KMeans("sentence_embedding", numberOfClusters: 2));
var answers = pipeline.Fit(data).Transform(data);

using var embedder = TextEmbedder.Load(model.Path, new TextEmbedderOptions { Pooling = SentencePooling.Mean, Normalize = true });
var worst = 0f;
foreach (var (text, answer) in texts.Zip(ml.Data.CreateEnumerable<Answer>(answers, reuseRowObject: false)))
{
    var own = embedder.Embed(text).Vector.ToArray();
    worst = Math.Max(worst, own.Zip(answer.Vector).Max(pair => Math.Abs(pair.First - pair.Second)));
    Console.WriteLine($"cluster {answer.Cluster}: {text}");
}

Console.WriteLine($"vectors of ML.NET are the library's: {worst < 1e-4}");
Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

static long[] Padded(ReadOnlySpan<int> values)
{
    var padded = new long[Length];
    for (var i = 0; i < values.Length; i++) padded[i] = values[i];
    return padded;
}

internal sealed class Tokens
{
    [ColumnName("input_ids"), VectorType(1, 32)]
    public long[] Ids { get; set; } = [];

    [ColumnName("attention_mask"), VectorType(1, 32)]
    public long[] Mask { get; set; } = [];

    [ColumnName("token_type_ids"), VectorType(1, 32)]
    public long[] Types { get; set; } = [];
}

internal sealed class Answer
{
    [ColumnName("sentence_embedding")]
    public float[] Vector { get; set; } = [];

    [ColumnName("PredictedLabel")]
    public uint Cluster { get; set; }
}
