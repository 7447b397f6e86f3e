// Labels of one's own, without training, by a model of natural language inference (squeezebert-mnli).
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertForSequenceClassification", "contradiction", "neutral", "entailment");
using var classifier = ZeroShotClassifier.Load(model.Path);

Classification topic = classifier.Classify("The match ended in a draw.", ["sport", "politics", "cooking"]);
foreach (var (label, score) in topic.Labels) Console.WriteLine($"topic {label}: {score:0.00}");

// Prepared once for many texts; with several labels each stands for itself.
ZeroShotLabels moods = classifier.Prepare(["urgent", "angry"], multiLabel: true);
foreach (var mood in classifier.ClassifyStream(["Call me at once!", "Thanks, that is fine."], moods)) Console.WriteLine($"mood: {mood}");
