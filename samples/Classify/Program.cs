// One text, several texts, and the inner path that allocates nothing.
using SqueezeBert;
using SqueezeBert.Models;

using var classifier = TextClassifier.Load(PretrainedModels.Sentiment); // or the path of a folder of your own
Classification answer = classifier.Classify("It stopped working after a week.");
Console.WriteLine($"{answer.Label} {answer.Score:0.00}");

IReadOnlyList<Classification> answers = classifier.Classify(
    ["Loved it.", "Two hours I will never get back.", "The parcel was delivered on Tuesday."]);
foreach (var item in answers) Console.WriteLine(item);

Span<float> scores = stackalloc float[classifier.Labels.Count];
classifier.Classify("It works well, and I would buy it again.".AsSpan(), scores, out _);
for (var i = 0; i < scores.Length; i++) Console.WriteLine($"{classifier.Labels[i]}: {scores[i]:0.00}");
