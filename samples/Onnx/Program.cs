// A model as an ONNX file, run by ONNX Runtime in a padded batch, with this library's tokenizer.
using Microsoft.ML.OnnxRuntime;
using SqueezeBert;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertModel");
var file = Path.Combine(Directory.CreateTempSubdirectory("squeezebert-onnx-").FullName, "model.onnx");
using (var folder = ModelFolder.Open(model.Path))
    folder.SaveOnnx(file, new OnnxOptions { Pooling = SentencePooling.Mean, Normalize = true });

string[] texts = ["Hold the button for ten seconds to reset the device.", "The warranty covers two years."];
var encodings = BertTokenizer.Load(model.Path).EncodeBatch(texts);
var length = encodings.Max(encoding => encoding.Length);
long[] ids = new long[texts.Length * length], mask = new long[ids.Length], types = new long[ids.Length];
for (var text = 0; text < texts.Length; text++)
{
    for (var i = 0; i < encodings[text].Length; i++)
    {
        var at = (text * length) + i;
        (ids[at], mask[at], types[at]) = (encodings[text].Ids[i], 1, encodings[text].TypeIds[i]);
    }
}

using var session = new InferenceSession(file);
using var options = new RunOptions();
long[] shape = [texts.Length, length];
var inputs = session.InputNames.Select(name => OrtValue.CreateTensorValueFromMemory(
    name switch { "input_ids" => ids, "attention_mask" => mask, _ => types }, shape)).ToList();
using var results = session.Run(options, session.InputNames, inputs, ["sentence_embedding"]);
var vectors = results[0].GetTensorDataAsSpan<float>();
foreach (var input in inputs) input.Dispose();

// The library's own vectors are the same but for rounding.
using var embedder = TextEmbedder.Load(model.Path, new TextEmbedderOptions { Pooling = SentencePooling.Mean, Normalize = true });
var worst = 0f;
for (var text = 0; text < texts.Length; text++)
{
    var own = embedder.Embed(texts[text]).Vector.Span;
    for (var i = 0; i < own.Length; i++) worst = Math.Max(worst, Math.Abs(own[i] - vectors[(text * own.Length) + i]));
}

Console.WriteLine($"{texts.Length} vectors of {vectors.Length / texts.Length} numbers, same as the library's: {worst < 1e-4}");
Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
