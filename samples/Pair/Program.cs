// Two texts and what one says of the other: inference, paraphrase, relevance, as the model was trained for.
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertForSequenceClassification", "contradiction", "neutral", "entailment");
using var classifier = TextClassifier.Load(model.Path);

Classification one = classifier.Classify("A man plays the guitar.", "Someone makes music.");
foreach (var (label, score) in one.Labels) Console.WriteLine($"label {label}: {score:0.00}");

TextPair[] pairs = [new("It rains.", "The ground is wet."), new("It rains.", "The sky is blue.")];
foreach (var answer in classifier.ClassifyStream(pairs)) Console.WriteLine($"pair: {answer}");
