// Labels the texts that are given as arguments, or two examples.
using SqueezeBert;
using SqueezeBert.Models;

// Load takes the folder of any classifier in the layout of transformers as well, or a model.onnx.
using var classifier = TextClassifier.Load(PretrainedModels.Sentiment);

string[] texts = args.Length > 0 ? args : ["Loved it.", "It stopped working after a week."];
foreach (var (text, answer) in texts.Zip(classifier.Classify(texts)))
    Console.WriteLine($"{answer.Label} {answer.Score:0.00}  {text}");
