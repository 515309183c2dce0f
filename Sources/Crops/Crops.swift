// Crops
